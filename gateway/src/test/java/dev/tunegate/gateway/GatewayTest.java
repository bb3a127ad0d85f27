package dev.tunegate.gateway;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.db.TestDatabase;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayTest {
    @TempDir
    private Path directory;

    @Test
    void aGatewayStartedAgainOnTheSameDirectoryHasTheSameFiles() throws Exception {
        String id;
        try (Gateway gateway = Gateway.start(GatewayOptions.in(directory))) {
            id = client(gateway)
                    .upload("fine-tune", "a.jsonl", "{}\n")
                    .json()
                    .path("id")
                    .asText();
        }
        try (Gateway gateway = Gateway.start(GatewayOptions.in(directory))) {
            assertThat(client(gateway).get("/v1/files/" + id + "/content").body())
                    .isEqualTo("{}\n");
        }
    }

    @Test
    void aSecondGatewayOnADirectoryIsRefused() throws Exception {
        try (TestDatabase database = new TestDatabase();
                Gateway gateway = Gateway.start(GatewayOptions.in(directory).withDatabase(database.url()))) {
            assertThatThrownBy(() -> Gateway.start(GatewayOptions.in(directory).withDatabase(database.url())))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining("Another gateway is running on " + directory)
                    .hasMessageContaining("--data-dir");
            assertThat(client(gateway).get("/health/ready").status()).isEqualTo(200);
        }
    }

    @Test
    void outsideTheLoopbackAKeyIsNeededFirst() throws Exception {
        try (TestDatabase database = new TestDatabase()) {
            GatewayOptions options =
                    GatewayOptions.in(directory).withDatabase(database.url()).withListener("0.0.0.0", 0);
            assertThatThrownBy(() -> Gateway.start(options))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining("Refusing to listen on 0.0.0.0 without API keys")
                    .hasMessageContaining("keys create");
            String key = await(new Keys(database.database()).create("default", "", ApiKey.Kind.API))
                    .secret();
            try (Gateway gateway = Gateway.start(options)) {
                assertThat(new ApiClient(gateway.url(), key).get("/v1/files").status())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void aPortInUseAndAnUnusableDirectorySayWhatToDo() throws IOException {
        try (TestDatabase database = new TestDatabase();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            GatewayOptions options = GatewayOptions.in(directory).withDatabase(database.url());
            assertThatThrownBy(() -> Gateway.start(options.withListener("127.0.0.1", taken.getLocalPort())))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining("Cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("--port");
            assertThatThrownBy(() -> Gateway.start(options.withListener("no-such-host.invalid", 0)))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining("no-such-host.invalid");
            Path file = Files.createFile(directory.resolve("file"));
            assertThatThrownBy(() -> Gateway.start(GatewayOptions.in(file)))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining(file.toString());
        }
    }

    private static ApiClient client(Gateway gateway) {
        return new ApiClient(gateway.url(), null);
    }
}
