package dev.tunegate.gateway.quotas;

import dev.tunegate.gateway.http.ApiError;
import java.time.Duration;

/** The errors of those who have or do too much, as OpenAI's service has them. */
final class TooMany {
    private static final int STATUS = 429;
    /** Time does not help against these; whoever tries again all the same is to take some. */
    private static final Duration UNTIL_DELETED = Duration.ofMinutes(1);

    private TooMany() {}

    /** Too many requests a minute. */
    static ApiError requests(String message, Duration wait) {
        return error(message, "requests", "rate_limit_exceeded", wait);
    }

    /** What is there ends by itself; but an SDK that waits for it would seem to hang. */
    static ApiError forNow(String message, Duration wait) {
        return error(message, "invalid_request_error", "rate_limit_exceeded", wait)
                .withHeader("x-should-retry", "false");
    }

    /** What is there stays until somebody deletes it. */
    static ApiError untilDeleted(String message) {
        return error(message, "insufficient_quota", "insufficient_quota", UNTIL_DELETED)
                .withHeader("x-should-retry", "false");
    }

    private static ApiError error(String message, String type, String code, Duration wait) {
        long seconds = Math.max(1, (wait.toMillis() + 999) / 1000);
        return new ApiError(STATUS, message, type, null, code).withHeader("retry-after", Long.toString(seconds));
    }
}
