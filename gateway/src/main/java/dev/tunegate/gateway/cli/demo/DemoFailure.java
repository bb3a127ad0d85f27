package dev.tunegate.gateway.cli.demo;

/** Ends the demo with a message for the person watching it, and exit code 1. */
public final class DemoFailure extends RuntimeException {
    DemoFailure(String message) {
        super(message);
    }

    DemoFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
