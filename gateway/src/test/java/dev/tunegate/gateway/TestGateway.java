package dev.tunegate.gateway;

import dev.tunegate.gateway.db.TestDatabase;
import java.net.URI;
import java.nio.file.Path;

/** A gateway of its own on a free port, with a database of its own whose clock the test moves. */
public final class TestGateway implements AutoCloseable {
    private final TestDatabase database = new TestDatabase();
    private final Gateway gateway;

    public TestGateway(Path dataDir) {
        this(GatewayOptions.in(dataDir));
    }

    public TestGateway(GatewayOptions options) {
        try {
            gateway = Gateway.start(options.withDatabase(database.url()));
        } catch (StartupFailure e) {
            database.close();
            throw new AssertionError(e);
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

    @Override
    public void close() {
        gateway.close();
        database.close();
    }
}
