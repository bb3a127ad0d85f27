package dev.tunegate.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KnownKeysTest {
    private static final ApiKey KEY =
            new ApiKey("key_1", "default", "n", ApiKey.Kind.API, "sk-tg-1", OffsetDateTime.MIN, null);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may overflow
    private final KnownKeys known = new KnownKeys(clock::get);

    @Test
    void aKeyIsKnownForASecond() {
        known.add("hash", KEY);
        assertThat(known.find("other")).isEmpty();
        clock.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(known.find("hash")).contains(KEY);
        clock.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(known.find("hash")).isEmpty();
    }

    @Test
    void thereAreNeverMoreThanAThousand() {
        for (int i = 0; i < 1_001; i++) {
            known.add("hash" + i, KEY);
        }
        assertThat(known.find("hash0")).isEmpty();
        assertThat(known.find("hash1000")).contains(KEY);
    }
}
