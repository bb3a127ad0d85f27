package dev.tunegate.gateway.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.cli.demo.Demo;
import dev.tunegate.gateway.cli.demo.DemoFailure;
import dev.tunegate.gateway.cli.demo.DemoResult;
import dev.tunegate.gateway.cli.demo.data.DemoData;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/** {@code demo}: a gateway of its own, and one fine-tuning from the upload to the answer. */
@Command(
        name = "demo",
        description = "Fine-tune the starter model on a sample dataset, all over the API, and keep serving it.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final long SEED = 42;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:TUNEGATE_PORT:-8080}",
            description = "The port; 0 takes one that is free [TUNEGATE_PORT] (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "${env:TUNEGATE_DATA_DIR:-data}/demo",
            description = "The demo's files and database (default: demo below [TUNEGATE_DATA_DIR], ${DEFAULT-VALUE}).")
    private Path dataDir = Path.of("data", "demo");

    @Option(names = "--exit", description = "End after the score instead of serving on.")
    private boolean exit;

    @Option(names = "--json", description = "Print the result as one line of JSON, and the story to standard error.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        keepLogsOutOfTheStory();
        PrintStream story = json ? System.err : System.out;
        Gateway gateway = Gateway.start(GatewayOptions.in(dataDir)
                .withListener("127.0.0.1", port)
                .withTrainers(1, ServeOptions.modelsThatComeWithTunegate()));
        AtomicBoolean stopped = new AtomicBoolean();
        Thread stop = new Thread(
                () -> {
                    stopped.set(true);
                    gateway.close();
                },
                "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            return tell(URI.create(gateway.url() + "/v1"), story);
        } catch (DemoFailure e) {
            if (!stopped.get()) { // otherwise it is only the consequence of Ctrl-C
                System.err.println("error: " + e.getMessage());
            }
            return 1;
        } finally {
            gateway.close();
        }
    }

    /**
     * Has to run before anything logs. The story has the terminal to itself unless more is wanted, or something goes
     * wrong.
     */
    private static void keepLogsOutOfTheStory() {
        if (System.getenv("TUNEGATE_LOG_LEVEL") == null) {
            System.setProperty("TUNEGATE_LOG_LEVEL", "WARN");
        }
    }

    private int tell(URI baseUrl, PrintStream story) throws Exception {
        DemoData data = DemoData.generate(SEED);
        boolean terminal = !json && Ansi.AUTO.enabled();
        DemoResult result = new Demo(baseUrl, story, terminal, InstantSource.system()).run(data);
        if (json) {
            System.out.println(new ObjectMapper().writeValueAsString(result));
        }
        if (exit) {
            return 0;
        }
        story.printf("%nThe model stays at %s until you press Ctrl-C. Ask it yourself:%n%n", baseUrl);
        story.print(result.copyPaste(baseUrl, data.test().get(0)));
        new CountDownLatch(1).await(); // the shutdown hook ends it
        return 0;
    }
}
