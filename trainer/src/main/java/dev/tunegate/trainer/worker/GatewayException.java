package dev.tunegate.trainer.worker;

import java.io.IOException;

/** The gateway did not do what it was asked to; the kinds tell what to do about it. */
public abstract sealed class GatewayException extends IOException {
    GatewayException(String message) {
        super(message);
    }

    GatewayException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Not reachable, too slow, overloaded or broken: worth another try. */
    public static final class Unavailable extends GatewayException {
        Unavailable(String message) {
            super(message);
        }

        Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The job belongs to another attempt or has ended: stop the task, say nothing more. */
    public static final class StaleAttempt extends GatewayException {
        StaleAttempt(String message) {
            super(message);
        }
    }

    /** The gateway understood and said no; asking again would not help. */
    public static final class Refused extends GatewayException {
        private final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }
}
