package dev.tunegate.gateway.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an upstream is asked for. */
public enum Purpose {
    FINE_TUNING,
    CHAT;

    /** As the file writes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Purpose> of(String text) {
        return Arrays.stream(values())
                .filter(purpose -> purpose.text().equals(text))
                .findFirst();
    }
}
