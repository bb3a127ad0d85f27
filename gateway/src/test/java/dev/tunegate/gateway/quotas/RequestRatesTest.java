package dev.tunegate.gateway.quotas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.ProjectLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestRatesTest {
    private final AtomicLong nanoTime = new AtomicLong();

    @Test
    void aMinutesWorthAtOnceAndThenTheLimitsPace() {
        RequestRates rates = new RequestRates(60, nanoTime::get);
        for (int left = 59; left >= 0; left--) {
            assertThat(rates.take("p")).isEqualTo(left);
        }
        assertThat(rates.take("p")).isEqualTo(-1);
        assertThat(rates.take("q")).isEqualTo(59);
        pass(Duration.ofMillis(500));
        assertThat(rates.take("p")).as("half a request is there").isEqualTo(-0.5);
        pass(Duration.ofMillis(500));
        assertThat(rates.take("p")).isZero();
        assertThat(rates.take("p")).isEqualTo(-1);
        pass(Duration.ofHours(1));
        assertThat(rates.take("p"))
                .as("a minute's worth, however long it was quiet")
                .isEqualTo(59);
    }

    @Test
    void everyAnswerSaysHowItStandsAndOneTooManySaysWhenToComeBack(@TempDir Path directory) {
        ProjectLimits limits = new ProjectLimits(10, 10, 10, 10, 2);
        try (TestGateway gateway = new TestGateway(GatewayOptions.in(directory).withProjectLimits(limits))) {
            for (int i = 0; i < 5; i++) {
                Answer open = gateway.client().get("/v1/files");
                assertThat(open.status()).as("without keys").isEqualTo(200);
                assertThat(open.header("x-ratelimit-limit-requests")).isEmpty();
            }
            ApiClient client = gateway.clientOf("blue");
            Answer first = client.get("/v1/files");
            assertThat(first.header("x-ratelimit-limit-requests")).isEqualTo("2");
            assertThat(first.header("x-ratelimit-remaining-requests")).isEqualTo("1");
            assertThat(first.header("x-ratelimit-reset-requests")).isEqualTo("30s");
            client.get("/v1/files/none");

            Answer refused = client.get("/v1/files");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.error("type")).isEqualTo("requests");
            assertThat(refused.error("code")).isEqualTo("rate_limit_exceeded");
            assertThat(refused.error("message"))
                    .startsWith("Rate limit reached in project blue on requests per min (RPM): Limit 2, Used 2,"
                            + " Requested 1. Please try again in ");
            assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 30);
            assertThat(refused.header("x-ratelimit-remaining-requests")).isEqualTo("0");
            assertThat(gateway.clientOf("red").get("/v1/files").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0ms", "12, 12ms", "1000, 1s", "1500, 1.5s", "8640, 8.64s", "360000, 6m0s", "3661001, 1h1m1.001s"})
    void timesAreWrittenAsOpenAiDoes(long millis, String text) {
        assertThat(ShortDuration.text(Duration.ofMillis(millis))).isEqualTo(text);
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }
}
