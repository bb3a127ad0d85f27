package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.StartupFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A gateway as `serve` runs it: its own Postgres, and the real trainer as a child process. */
public final class RunningGateway implements AutoCloseable {
    /** Its directory is called just that. */
    static final String BASE_MODEL = "tunegate-starter";

    static final Path MODELS = Path.of(System.getProperty("tunegate.home", ".."), "trainer", "models");

    private final GatewayOptions options;
    private Gateway gateway;

    private RunningGateway(GatewayOptions options) {
        this.options = options;
        this.gateway = launch(options);
    }

    static RunningGateway start() {
        return start(1);
    }

    static RunningGateway start(int trainers) {
        try {
            Path dataDir = Files.createTempDirectory("tunegate-e2e");
            return new RunningGateway(GatewayOptions.in(dataDir).withTrainers(trainers, List.of(MODELS)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Gateway launch(GatewayOptions options) {
        try {
            return Gateway.start(options);
        } catch (StartupFailure e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    public URI baseUrl() {
        return gateway.url().resolve("/v1");
    }

    /** A new client for the gateway as it runs now. */
    Sdk sdk() {
        Sdk sdk = new Sdk(baseUrl(), BASE_MODEL);
        sdk.awaitModel();
        return sdk;
    }

    /** A client that is as lenient as users' clients are, once the base model is there. */
    public OpenAIClient client() {
        return sdk().withoutValidation();
    }

    /** Stops the gateway as an interrupt would, and starts it again on the same data. */
    void restart() {
        gateway.close();
        gateway = launch(options);
    }

    /** Kills the trainer as the kernel would when memory runs out. */
    void killTrainer() {
        List<ProcessHandle> trainers = trainers();
        assertThat(trainers).hasSize(1);
        assertThat(trainers.get(0).destroyForcibly()).isTrue();
    }

    /** The processes of this gateway's trainers. */
    List<ProcessHandle> trainers() {
        return ProcessHandle.current()
                .children()
                .filter(process ->
                        commandLine(process).contains(options.dataDir().toString()))
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .toList();
    }

    /** info().commandLine() is cut off where a class path is long; Linux keeps the whole. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return process.info().commandLine().orElse("");
        }
    }

    @Override
    public void close() throws IOException {
        gateway.close();
        try (Stream<Path> paths = Files.walk(options.dataDir())) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
