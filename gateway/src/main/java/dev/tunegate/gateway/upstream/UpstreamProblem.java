package dev.tunegate.gateway.upstream;

import dev.tunegate.gateway.http.ApiError;
import java.time.Duration;
import java.util.Locale;

/** Why an upstream did not do what it was asked: in words that may be shown, and what it means for another try. */
public final class UpstreamProblem extends RuntimeException {
    private final Kind kind;
    private final ApiError error;
    private final Duration retryAfter;

    /** The kinds of problems, by what they mean for another try. */
    public enum Kind {
        /** It may work later: nobody answers, or whoever does is busy or broken. */
        LATER,
        /** The key that this gateway has for it is not the right one. */
        KEY_REFUSED,
        /** It understood, and says no. */
        REFUSED,
        /** It says nothing that makes sense. */
        NONSENSE;

        /** The name that the database keeps. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A problem.
     *
     * @param error for the client
     * @param retryAfter how long the upstream asks to wait
     */
    public UpstreamProblem(Kind kind, ApiError error, Duration retryAfter) {
        super(error.getMessage(), null, false, false); // it is an answer and not a fault: nobody reads its stack trace
        this.kind = kind;
        this.error = error;
        this.retryAfter = retryAfter;
    }

    UpstreamProblem(Kind kind, ApiError error) {
        this(kind, error, Duration.ZERO);
    }

    public Kind kind() {
        return kind;
    }

    public ApiError error() {
        return error;
    }

    public Duration retryAfter() {
        return retryAfter;
    }
}
