package dev.tunegate.gateway.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The purposes for which an upstream is asked. */
public enum Purpose {
    FINE_TUNING,
    CHAT;

    /** The name that the file has for it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Purpose> of(String text) {
        return Arrays.stream(values())
                .filter(purpose -> purpose.text().equals(text))
                .findFirst();
    }
}
