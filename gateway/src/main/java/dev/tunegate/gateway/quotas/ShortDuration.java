package dev.tunegate.gateway.quotas;

import java.time.Duration;

/** Durations as OpenAI's headers have them: 12ms, 1.5s, 6m0s, 1h0m0s. */
final class ShortDuration {
    private ShortDuration() {}

    static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1000) {
            return millis + "ms";
        }
        String seconds = duration.toSecondsPart() + fraction(duration.toMillisPart()) + "s";
        if (duration.toMinutes() == 0) {
            return seconds;
        }
        String minutes = duration.toMinutesPart() + "m" + seconds;
        return duration.toHours() == 0 ? minutes : duration.toHours() + "h" + minutes;
    }

    private static String fraction(int millis) {
        return millis == 0 ? "" : "." + String.format("%03d", millis).replaceAll("0+$", "");
    }
}
