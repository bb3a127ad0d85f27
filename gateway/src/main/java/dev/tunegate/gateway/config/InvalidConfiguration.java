package dev.tunegate.gateway.config;

import java.util.List;

/** A configuration that nothing is started with; the message has a line for each thing that is wrong. */
public final class InvalidConfiguration extends Exception {
    private static final long serialVersionUID = 1;

    InvalidConfiguration(List<String> lines) {
        super(String.join("\n", lines));
    }
}
