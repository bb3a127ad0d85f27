package dev.tunegate.gateway.api;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.TestDatabase;
import dev.tunegate.gateway.files.DirectoryBlobStore;
import dev.tunegate.gateway.forwarding.Hosts;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.models.ModelCatalog;
import dev.tunegate.gateway.models.ModelPlaces;
import dev.tunegate.gateway.serving.EnginePool;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of 5,000 models, answered on the only event loop that there is. */
class ModelListTest {
    private static final int MODELS = 5_000;
    private static final Duration LONGEST_HOLD = Duration.ofMillis(10);
    private static final int LISTS = 15;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final TestDatabase tables = new TestDatabase();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Database database;
    private URI url;

    @BeforeEach
    void serve(@TempDir Path directory) throws Exception {
        tables.insertJob("ftjob-aaaaaaaaaaaaaaaaaaaaaaaa", "default", "base");
        tables.execute(
                "insert into models (id, project, job_id, base_model, adapter_blob) select 'ft:base:default::' || n,"
                        + " 'default', 'ftjob-aaaaaaaaaaaaaaaaaaaaaaaa', 'base', 'blob-' || n from generate_series(1, "
                        + MODELS
                        + ") as n; analyze models");
        database = await(Database.open(vertx, tables.url()));
        ModelRoutes routes = new ModelRoutes(Map.of("best", "ft:base:default::77"), List.of());
        ModelCatalog catalog = ModelCatalog.scan(database, List.of());
        var blobs = await(DirectoryBlobStore.open(vertx, directory, 0));
        EnginePool engines = EnginePool.start(vertx, database, blobs, directory, 0, List.of(), Duration.ofSeconds(1));
        Operation list = Objects.requireNonNull(ModelsResource.of(
                        database,
                        blobs,
                        catalog,
                        new ModelPlaces(database, catalog, routes),
                        engines,
                        new Hosts(vertx, routes),
                        routes)
                .operations()
                .get("listModels"));
        Router router = Router.router(vertx);
        router.route().handler(ctx -> {
            new Caller(Caller.DEFAULT_PROJECT, null).enter(ctx);
            list.answer(ctx).onFailure(ctx::fail);
        });
        HttpServer server =
                await(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
        url = URI.create("http://127.0.0.1:" + server.actualPort() + "/v1/models");
    }

    @AfterEach
    void close() {
        await(database.close());
        await(vertx.close());
        tables.close();
    }

    @Test
    void hasAllOfThemNewestFirstAndTheAliasOfOne() throws Exception {
        JsonNode list = new ObjectMapper().readTree(get("GET").body());
        List<String> ids = StreamSupport.stream(list.path("data").spliterator(), false)
                .map(model -> model.path("id").asText())
                .toList();
        List<String> expected = new ArrayList<>(IntStream.iterate(MODELS, n -> n > 0, n -> n - 1)
                .mapToObj(n -> "ft:base:default::" + n)
                .toList());
        expected.add("best");
        assertThat(ids).isEqualTo(expected);
        assertThat(list.path("object").asText()).isEqualTo("list");
    }

    @Test
    void isNoBodyToAHeadRequest() throws Exception {
        HttpResponse<String> answer = get("HEAD");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(get("GET").body()).endsWith("]}"); // the connection is in order
    }

    /** What counts is the processor's time, so that a busy machine does not fail it. */
    @Test
    void neverHoldsTheEventLoopForLong() throws Exception {
        AtomicLong last = new AtomicLong();
        AtomicLong longest = new AtomicLong();
        vertx.setPeriodic(1, tick -> {
            long now = THREADS.getCurrentThreadCpuTime();
            long held = now - last.getAndSet(now);
            longest.accumulateAndGet(held, Math::max);
        });
        List<Duration> holds = new ArrayList<>();
        for (int i = 0; i < LISTS; i++) {
            longest.set(0);
            get("GET");
            holds.add(Duration.ofNanos(longest.get()));
        }
        assertThat(holds.stream().sorted().toList().get(LISTS / 2))
                .as("%s", holds)
                .isLessThan(LONGEST_HOLD);
    }

    private HttpResponse<String> get(String method) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(Duration.ofMinutes(1))
                .method(method, BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }
}
