package dev.tunegate.gateway.upstream;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tunegate.gateway.config.Purpose;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.upstream.UpstreamProblem.Kind;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PfxOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamClientTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void aCertificateOfNobodyThatIsTrustedIsNotTrusted() {
        HttpServer server = await(vertx.createHttpServer(new HttpServerOptions()
                        .setSsl(true)
                        .setKeyCertOptions(new PfxOptions()
                                .setPath(Path.of("src", "test", "resources", "self-signed.p12")
                                        .toAbsolutePath()
                                        .toString())
                                .setPassword("changeit")))
                .requestHandler(request -> request.response().end("{}"))
                .listen(0, "127.0.0.1"));
        UpstreamClient client = new UpstreamClient(vertx, upstream("https://localhost:" + server.actualPort()));
        UpstreamProblem problem = catchThrowableOfType(UpstreamProblem.class, () -> await(client.get("/models")));
        assertThat(problem.kind()).isEqualTo(Kind.LATER);
        assertThat(problem).hasMessageContaining("has a certificate");
    }

    @ParameterizedTest
    @CsvSource({
        "retry-after, 7, 7000",
        "retry-after, 1.5, 1500",
        "retry-after-ms, 250, 250",
        "retry-after, 86400, 3600000",
        "retry-after, soon, 0",
        "retry-after, -5, 0",
        "retry-after, 'Wed, 21 Oct 2026 07:28:00 GMT', 0",
    })
    void itWaitsAsLongAsItIsAskedToAndAnHourAtMost(String header, String value, long milliseconds) {
        assertThat(RetryAfter.of(MultiMap.caseInsensitiveMultiMap().add(header, value)))
                .isEqualTo(Duration.ofMillis(milliseconds));
    }

    @Test
    void keysGoOutOfWhateverAHostSays() {
        Scrubber scrubber = new Scrubber(upstream("http://localhost").apiKey());
        assertThat(scrubber.quoted("key my-odd-key, Bearer abc.def, sk-proj-12345, and a\nline"))
                .isEqualTo("key ****, Bearer ****, ****, and a line");
        assertThat(scrubber.quoted("x".repeat(2_000))).hasSizeLessThan(600);
    }

    private static Upstream upstream(String url) {
        return new Upstream(
                "u",
                URI.create(url),
                "my-odd-key",
                List.of(),
                EnumSet.allOf(Purpose.class),
                null,
                null,
                Duration.ofSeconds(5),
                0);
    }
}
