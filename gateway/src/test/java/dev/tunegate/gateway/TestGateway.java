package dev.tunegate.gateway;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import dev.tunegate.gateway.db.Await;
import dev.tunegate.gateway.db.TestDatabase;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** A gateway of its own on a free port, with a database of its own whose clock the test moves. */
public final class TestGateway implements AutoCloseable {
    /** Short, so that tests of what engines and upstreams do wait for those and not for the next look at them. */
    public static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final TestDatabase database;
    private final boolean ownsDatabase;
    private final Gateway gateway;
    private final String workerKey;

    public TestGateway(Path dataDir) {
        this(GatewayOptions.in(dataDir));
    }

    public TestGateway(GatewayOptions options) {
        this(options, new TestDatabase(), true);
    }

    private TestGateway(GatewayOptions options, TestDatabase database, boolean ownsDatabase) {
        this.database = database;
        this.ownsDatabase = ownsDatabase;
        workerKey = Await.await(new Keys(database.database()).create("default", "worker", ApiKey.Kind.WORKER))
                .secret();
        try {
            gateway = Gateway.start(options.withDatabase(database.url()));
        } catch (StartupFailure e) {
            closeDatabase();
            throw new AssertionError(e);
        }
    }

    /** A second gateway on the same database, which has to be closed before this one. */
    public TestGateway beside(GatewayOptions options) {
        return new TestGateway(options, database, false);
    }

    private void closeDatabase() {
        if (ownsDatabase) {
            database.close();
        }
    }

    public URI url() {
        return gateway.url();
    }

    public TestDatabase database() {
        return database;
    }

    /** A client without a key. */
    public ApiClient client() {
        return new ApiClient(url(), null);
    }

    public ApiClient client(String key) {
        return new ApiClient(url(), key);
    }

    /** A new key for a project. From then on the gateway asks for one. */
    public String keyOf(String project) {
        return Await.await(new Keys(database.database()).create(project, project, ApiKey.Kind.API))
                .secret();
    }

    /** A client with a new key for a project. */
    public ApiClient clientOf(String project) {
        return client(keyOf(project));
    }

    /** OpenAI's own client, which checks what it gets. */
    public OpenAIClient sdk() {
        return sdk(url());
    }

    /** OpenAI's own client for a gateway, which checks what it gets. */
    public static OpenAIClient sdk(URI gateway) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(gateway.resolve("/v1").toString())
                .apiKey("none-needed-on-loopback")
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }

    /** A worker that has this one base model, which thereby becomes known to the gateway. */
    public TestWorker worker(String id, String model) {
        TestWorker worker = new TestWorker(client(workerKey).checkingRequests(), workerKey, id, model);
        worker.claim("train");
        return worker;
    }

    @Override
    public void close() {
        gateway.close();
        closeDatabase();
    }
}
