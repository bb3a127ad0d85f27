package dev.tunegate.gateway.upstream;

import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long a host asks to wait, from the headers that OpenAI's SDKs obey; dates are not understood, and an hour is
 * the most.
 */
final class RetryAfter {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    private RetryAfter() {}

    static Duration of(MultiMap headers) {
        Duration wait = number(headers.get("retry-after-ms"), 1);
        if (wait.isZero()) {
            wait = number(headers.get("retry-after"), 1000);
        }
        return wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
    }

    private static Duration number(@Nullable String value, int milliseconds) {
        return value == null || !NUMBER.matcher(value.strip()).matches()
                ? Duration.ZERO
                : Duration.ofMillis((long) Math.ceil(Double.parseDouble(value.strip()) * milliseconds));
    }
}
