package dev.tunegate.gateway;

import org.jspecify.annotations.Nullable;

/** The gateway cannot start; the message tells the person at the terminal why and what to do. */
public final class StartupFailure extends Exception {
    public StartupFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
