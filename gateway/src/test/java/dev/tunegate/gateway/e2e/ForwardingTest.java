package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.db.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway without any model or trainer, whose upstream is another Tunegate that really trains. The first is a process that
 * can be killed; the way between them can be cut.
 */
@ExtendWith(SharedGateway.class)
class ForwardingTest {
    private static final String KEY = "sk-the-upstreams-0123456789";

    private final Sdk there;
    private final Cable cable;

    @TempDir
    private Path directory;

    private TestDatabase database;
    private Path log;
    private ServeProcess gateway;
    private Sdk here;

    ForwardingTest(RunningGateway upstream) {
        there = upstream.sdk();
        cable = new Cable(upstream.baseUrl());
    }

    @BeforeEach
    void start() throws IOException {
        database = new TestDatabase();
        log = directory.resolve("log");
        Files.writeString(directory.resolve("tunegate.yaml"), """
                upstreams:
                  - name: other
                    base_url: %s
                    api_key: ${UPSTREAM_KEY}
                    models: [tunegate-starter]
                aliases:
                  gpt-4o-mini: tunegate-starter
                """.formatted(cable.baseUrl()));
        serve();
    }

    private void serve() throws IOException {
        gateway = ServeProcess.start(
                Map.of(
                        "TUNEGATE_DATA_DIR", directory.toString(),
                        "TUNEGATE_DATABASE_URL", database.url(),
                        "TUNEGATE_MODELS_DIR", directory.toString(),
                        "TUNEGATE_TRAINERS", "0",
                        "UPSTREAM_KEY", KEY),
                log);
        here = new Sdk(gateway.baseUrl(), "gpt-4o-mini");
        here.awaitModel();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.kill();
        cable.close();
        database.close();
        assertThat(log).content().doesNotContain(KEY);
    }

    @Test
    void aJobCreatedHereTrainsThereAndItsModelAnswersHere() {
        String file = here.upload(ChatLines.of(24));
        String id = here.create(here.job(file, 4, 8).suffix("pirate")).id();
        FineTuningJob job = here.awaitEnd(id);
        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        FineTuningJob theirs = there.job(upstreamId(job));
        assertThat(job.fineTunedModel()).isEqualTo(theirs.fineTunedModel());
        assertThat(job.trainedTokens()).isEqualTo(theirs.trainedTokens());
        assertThat(job.hyperparameters()).isEqualTo(theirs.hyperparameters());
        assertThat(here.messages(id)).containsSubsequence(there.messages(theirs.id()));
        assertThat(checkpoints(here, id)).isEqualTo(checkpoints(there, theirs.id()));
        assertThat(here.content(job.resultFiles().get(0)))
                .isEqualTo(there.content(theirs.resultFiles().get(0)));

        String model = job.fineTunedModel().orElseThrow();
        String answer = there.answer(model, "Say 3.");
        assertThat(here.answer(model, "Say 3.")).isEqualTo(answer);
        assertThat(here.streamedAnswer(model, "Say 3.")).isEqualTo(answer);
        assertThat(here.answer("gpt-4o-mini", "Say 3.")).isNotEmpty();
        assertThat(here.client.models().delete(model).deleted()).isTrue();
        assertThat(there.client.models().list().items())
                .noneMatch(left -> left.id().equals(model));
    }

    private static List<String> checkpoints(Sdk sdk, String id) {
        return sdk.client.fineTuning().jobs().checkpoints().list(id).items().stream()
                .map(FineTuningJobCheckpoint::validate)
                .map(checkpoint -> checkpoint.stepNumber() + " " + checkpoint.fineTunedModelCheckpoint() + " "
                        + checkpoint.metrics())
                .toList();
    }

    @Test
    void neitherAKilledGatewayNorACutCableNorALostAnswerCostsMoreThanTime() throws Exception {
        String file = here.upload(ChatLines.of(24));
        cable.loseAnswerToNextCreation();
        String id = here.create(here.job(file, 4, 1)).id();
        Eventually.until(
                Sdk.JOB_DEADLINE, "a job is created there", () -> theirs(id).size(), count -> count == 1);
        gateway.kill();
        there.awaitEvent(theirs(id).get(0), "Step 3/");
        there.pause(theirs(id).get(0)); // so that there is something left to see
        serve();
        here.awaitEvent(id, "Step 3/");
        cable.cut();
        here.awaitEvent(id, "The upstream 'other' takes no connections.");
        cable.mend();
        here.awaitEvent(id, "The upstream 'other' answers again");
        gateway.kill();
        there.client.fineTuning().jobs().resume(theirs(id).get(0));
        serve();
        // The SDK's validation does not know the status "paused".
        Eventually.until(
                Sdk.JOB_DEADLINE, "it goes on", () -> here.status(id).toString(), status -> !status.equals("paused"));
        FineTuningJob job = here.awaitEnd(id);

        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(cable.creations()).isEqualTo(1);
        assertThat(theirs(id)).hasSize(1);
        List<String> mirrored = here.events(id).stream()
                .map(FineTuningJobEvent::validate)
                .map(FineTuningJobEvent::message)
                .filter(message -> !message.contains("upstream 'other'"))
                .skip(1) // that it was created here
                .toList();
        assertThat(mirrored).isEqualTo(there.messages(upstreamId(job)));
    }

    @Test
    void pauseResumeAndCancelReachTheTrainer() {
        String id = here.create(here.job(here.upload(ChatLines.longOnes(40)), 40, 1))
                .id();
        here.awaitEvent(id, "Step 2/");
        String theirs = upstreamId(here.job(id));
        here.pause(id);
        assertThat(there.status(theirs).toString()).isEqualTo("paused");
        here.client.fineTuning().jobs().resume(id);
        here.client.fineTuning().jobs().cancel(id);
        assertThat(there.status(theirs)).isEqualTo(FineTuningJob.Status.CANCELLED);
        assertThat(here.job(id).status()).isEqualTo(FineTuningJob.Status.CANCELLED);
    }

    /** What the upstream calls it. */
    private String upstreamId(FineTuningJob job) {
        return theirs(job.id()).get(0);
    }

    private List<String> theirs(String id) {
        return there.withoutValidation().fineTuning().jobs().list().items().stream()
                .filter(job -> String.valueOf(job.metadata()).contains(id))
                .map(FineTuningJob::id)
                .toList();
    }
}
