package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.finetuning.jobs.FineTuningJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} as a process of its own, ended as a terminal's Ctrl-C, a service manager or the kernel ends it. */
class ShutdownTest {
    private static final Pattern RESUMED = Pattern.compile("goes on behind step (\\d+)");
    private static final int STEPS = 400;

    @TempDir
    private Path directory;

    private @Nullable ServeProcess gateway;

    @AfterEach
    void kill() throws InterruptedException {
        if (gateway != null) {
            gateway.kill();
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

    /** Its trainer's lease would keep the job from everybody for a minute. */
    @Test
    void theJobOfAKilledGatewayIsInTheQueueAgainAsSoonAsTheNextOneRuns() throws Exception {
        Path log = directory.resolve("log");
        Sdk sdk = serve(log);
        String job = sdk.create(sdk.job(sdk.upload(ChatLines.of(STEPS)), 1, 1)).id();
        sdk.awaitEvent(job, "Step 1/");

        assertThat(gateway).isNotNull();
        gateway.kill();
        Sdk again = start(log);
        assertThat(again.messages(job)).anyMatch(message -> message.startsWith("The worker stopped answering"));
        again.client.fineTuning().jobs().cancel(job);
    }

    private Sdk serve(Path log) throws IOException {
        Sdk sdk = start(log);
        sdk.awaitModel();
        return sdk;
    }

    private Sdk start(Path log) throws IOException {
        gateway = ServeProcess.start(
                Map.of(
                        "TUNEGATE_DATA_DIR", directory.resolve("data").toString(),
                        "TUNEGATE_MODELS_DIR", RunningGateway.MODELS.toString()),
                log);
        return new Sdk(gateway.baseUrl(), RunningGateway.BASE_MODEL);
    }

    private void stop() throws InterruptedException {
        assertThat(gateway).isNotNull();
        gateway.stop();
    }
}
