package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.training.StepMetrics;
import dev.tunegate.trainer.worker.GatewayException.StaleAttempt;
import dev.tunegate.trainer.worker.Protocol.Event;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.Kind;
import dev.tunegate.trainer.worker.Protocol.Level;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TaskReporterTest {
    private static final JobSpec JOB =
            new JobSpec("base", null, "supervised", JsonNodeFactory.instance.objectNode(), 1, "file-1", null, 3);
    private static final Task TASK = new Task(Kind.TRAIN, "ftjob-1", 2, 60, JOB, null, null);

    private StubGateway gateway;
    private TaskReporter reporter;

    @BeforeEach
    void start() throws Exception {
        gateway = new StubGateway();
        reporter = new TaskReporter(
                new GatewayClient(gateway.uri(), StubGateway.TOKEN),
                TASK,
                Duration.ofMillis(20),
                new Retry(Duration.ofMillis(1), Duration.ofMillis(10)));
    }

    @AfterEach
    void stop() {
        reporter.close();
        gateway.close();
    }

    @Test
    void everyEventArrivesOnceAndInOrderThoughAnswersAreLost() throws Exception {
        gateway.loseAnswers(3);
        List<String> sent =
                IntStream.rangeClosed(1, 1200).mapToObj(i -> "event " + i).toList();
        for (String message : sent) {
            reporter.report(Event.message(Level.INFO, message));
        }
        reporter.flush();

        assertThat(gateway.messages()).isEqualTo(sent);
        assertThat(gateway.progress())
                .allSatisfy(batch -> assertThat(batch.get("attempt").intValue()).isEqualTo(2));
    }

    @Test
    void eventsWaitWhileTheGatewayIsAway() throws Exception {
        gateway.beAway(5);
        reporter.report(Event.message(Level.WARN, "kept"));
        reporter.flush();

        assertThat(gateway.messages()).containsExactly("kept");
        assertThat(gateway.events().get(0).get("level").textValue()).isEqualTo("warn");
    }

    @Test
    void theLeaseIsRenewedWithoutEvents() throws Exception {
        gateway.await(() -> gateway.progress().size() >= 3);

        assertThat(gateway.progress().get(2).toString()).isEqualTo("{\"attempt\":2,\"first_seq\":1,\"events\":[]}");
    }

    @Test
    void metricsAndNumbersGoOutUnderTheContractsNames() throws Exception {
        reporter.hyperparameters(Map.of("n_epochs", 3));
        reporter.advanced(512, Duration.ofSeconds(90));
        reporter.report(Event.metrics(new StepMetrics(1, 2, 0.5, 0.25, null, null, null, null)));
        reporter.flush();

        gateway.await(() -> gateway.progress().stream().anyMatch(batch -> batch.has("trained_tokens")));
        assertThat(gateway.progress().get(gateway.progress().size() - 1).toString())
                .contains("\"hyperparameters\":{\"n_epochs\":3},\"trained_tokens\":512,\"remaining_seconds\":90");
        assertThat(gateway.events().get(0).toString())
                .isEqualTo("{\"level\":\"info\",\"type\":\"metrics\",\"message\":\"Step 1/2: training loss=0.50\","
                        + "\"data\":{\"step\":1,\"total_steps\":2,\"train_loss\":0.5,"
                        + "\"train_mean_token_accuracy\":0.25}}");
    }

    @Test
    void cancelReachesTheTask() throws Exception {
        assertThat(reporter.directive()).isEqualTo(Directive.CONTINUE);
        gateway.direct("cancel");
        reporter.report(Event.message(Level.INFO, "last"));
        reporter.flush();

        gateway.await(() -> reporter.directive() == Directive.CANCEL);
    }

    @Test
    void aLostLeaseStopsTheTask() throws Exception {
        gateway.takeTaskAway();
        reporter.report(Event.message(Level.INFO, "nobody wants it"));

        assertThatThrownBy(reporter::flush).isInstanceOf(StaleAttempt.class);
        assertThat(reporter.directive()).isEqualTo(Directive.CANCEL);
        assertThat(gateway.messages()).isEmpty();
    }
}
