package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** However a training ends, the gateway and the log are told where its time went. */
class TimingsTest extends WorkerFixture {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger(TrainingTime.class);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        LOG.setLevel(Level.INFO);
        log.start();
        LOG.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        LOG.detachAppender(log);
        LOG.setLevel(null);
    }

    @Test
    void aTrainingThatSucceeds() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 2, \"batch_size\": 6}"), null);
        start(true);
        JsonNode timings = timings("succeeded");

        assertThat(timings.propertyStream().map(Map.Entry::getValue))
                .allSatisfy(seconds -> assertThat(seconds.doubleValue()).isPositive());
        assertThat(logged()).singleElement().asString().matches(line(4));
    }

    @Test
    void aTrainingThatFails() throws Exception {
        String hyperparameters = "{\"n_epochs\": 20, \"batch_size\": 12, \"learning_rate\": 1,"
                + " \"learning_rate_multiplier\": 1000, \"weight_decay\": 9.9, \"warmup_ratio\": 0}";
        ObjectNode job = job(hyperparameters);
        job.remove("validation_file");
        gateway.offer("train", "ftjob-1", job, null);
        start(true);

        assertThat(timings("failed").path("backward_seconds").doubleValue()).isPositive();
        assertThat(logged()).hasSize(1);
    }

    @Test
    void aTrainingThatIsPaused() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.direct("pause");

        assertThat(timings("stopped").path("waiting_seconds").doubleValue()).isPositive();
        assertThat(logged())
                .singleElement()
                .asString()
                .matches(line(last(gateway.checkpoints()).path("step").intValue()));
    }

    @Test
    void aTrainingThatIsCancelled() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.direct("cancel");

        assertThat(timings("stopped").path("forward_seconds").doubleValue()).isPositive();
        assertThat(logged()).hasSize(1);
    }

    /** There is nobody to tell but the log. */
    @Test
    void aTrainingThatIsTakenAway() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.takeTaskAway();
        running().join();

        assertThat(logged()).hasSize(1);
    }

    @Test
    void aTrainingThatDoesNotBeginHasNone() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"target_modules\": [\"c_attn\"]}"), null);
        start(true);
        JsonNode finish = gateway.awaitFinish();
        running().join();

        assertThat(finish.path("outcome").textValue()).isEqualTo("failed");
        assertThat(finish.has("timings")).isFalse();
        assertThat(logged()).isEmpty();
    }

    private JsonNode timings(String outcome) throws InterruptedException {
        JsonNode finish = gateway.awaitFinish();
        running().join();
        assertThat(finish.path("outcome").textValue()).as(finish.toString()).isEqualTo(outcome);
        return finish.path("timings");
    }

    private List<String> logged() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static String line(int steps) {
        String number = "\\d+\\.\\d";
        return "ftjob-1 attempt 1: %d steps in N s: forward N, backward N, optimizer N, waiting N, other N s"
                .formatted(steps)
                .replace("N", number);
    }
}
