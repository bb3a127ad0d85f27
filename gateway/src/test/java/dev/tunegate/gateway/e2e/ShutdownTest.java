package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.finetuning.jobs.FineTuningJob;
import dev.tunegate.gateway.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} as a process of its own, ended as a terminal's Ctrl-C or a service manager ends it. */
class ShutdownTest {
    private static final Pattern LISTENS = Pattern.compile("Tunegate listens on (\\S+), its data is in .*");
    private static final Pattern RESUMED = Pattern.compile("goes on behind step (\\d+)");
    private static final int STEPS = 1000;

    @TempDir
    private Path directory;

    private @Nullable Process process;

    @AfterEach
    void kill() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void theTrainersStateIsBroughtHomeBeforeEverythingStops() throws Exception {
        Path log = directory.resolve("log");
        Sdk sdk = serve(log);
        // In one epoch: there is no checkpoint from which the job could go on.
        String job = sdk.create(sdk.job(sdk.upload(ChatLines.of(STEPS)), 1, 1)).id();
        sdk.awaitEvent(job, "Step 10/");

        stop();
        assertThat(log).content().contains("Finished the TRAIN task of " + job + ": STOPPED");

        Sdk again = serve(log);
        assertThat(again.awaitEnd(job).status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        List<String> messages = again.messages(job);
        assertThat(messages)
                .filteredOn(message -> message.startsWith("Step "))
                .extracting(message -> message.substring(0, message.indexOf('/')))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, STEPS)
                        .mapToObj(step -> "Step " + step)
                        .toList());
        assertThat(messages).noneMatch(message -> message.startsWith("The worker stopped answering"));
        Matcher resumed = RESUMED.matcher(Files.readString(log));
        assertThat(resumed.find()).isTrue();
        assertThat(Integer.parseInt(resumed.group(1))).isGreaterThanOrEqualTo(10);

        stop();
        assertThat(log).content().doesNotContain("ERROR").doesNotContain("WARN");
    }

    private void stop() throws InterruptedException {
        assertThat(process).isNotNull();
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    private Sdk serve(Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dlogback.configurationFile=logback.xml", // not that of the tests
                "-Dtunegate.home=" + System.getProperty("tunegate.home"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve");
        builder.environment()
                .putAll(Map.of(
                        "TUNEGATE_PORT", "0",
                        "TUNEGATE_DATA_DIR", directory.resolve("data").toString(),
                        "TUNEGATE_MODELS_DIR", RunningGateway.MODELS.toString()));
        process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        Matcher line = LISTENS.matcher(String.valueOf(out.readLine()));
        assertThat(line.matches()).as(Files.readString(log)).isTrue();
        Sdk sdk = new Sdk(URI.create(line.group(1)), RunningGateway.BASE_MODEL);
        sdk.awaitModel();
        return sdk;
    }
}
