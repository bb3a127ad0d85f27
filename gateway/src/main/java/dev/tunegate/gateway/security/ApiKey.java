package dev.tunegate.gateway.security;

import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A key as it is kept: its secret only as a hash, with enough of its beginning to tell it from others.
 *
 * @param prefix the secret's first characters
 */
public record ApiKey(
        String id,
        String project,
        String name,
        Kind kind,
        String prefix,
        OffsetDateTime createdAt,
        @Nullable OffsetDateTime revokedAt) {

    /** What a key opens: the API of its project, or the workers' protocol. */
    public enum Kind {
        API,
        WORKER;

        /** The kind as it stands in the database and on the command line. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Kind of(String label) {
            return valueOf(label.toUpperCase(Locale.ROOT));
        }
    }
}
