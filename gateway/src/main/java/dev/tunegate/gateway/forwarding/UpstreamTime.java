package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Times that an upstream gives, in seconds since 1970: Postgres refuses those of some millions of years. */
final class UpstreamTime {
    private static final long LATEST = 1L << 36;

    private UpstreamTime() {}

    /** The seconds that stand there; null for what is no time. */
    static @Nullable Long seconds(JsonNode time) {
        return time.isIntegralNumber() && time.longValue() > 0 && time.longValue() < LATEST ? time.longValue() : null;
    }
}
