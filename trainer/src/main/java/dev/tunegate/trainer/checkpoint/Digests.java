package dev.tunegate.trainer.checkpoint;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Makes digests of files and states, without the checked exception that the JDK's way has. */
public final class Digests {
    private Digests() {}

    /** A new SHA-256, which every JVM has to have. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }
}
