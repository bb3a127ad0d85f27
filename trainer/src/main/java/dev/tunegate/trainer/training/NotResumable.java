package dev.tunegate.trainer.training;

import java.io.IOException;

/** A resume state from which this training cannot go on. */
public final class NotResumable extends IOException {
    NotResumable(String reason) {
        super("The resume state cannot be used: " + reason);
    }
}
