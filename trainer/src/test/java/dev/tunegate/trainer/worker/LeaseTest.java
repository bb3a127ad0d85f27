package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.Kind;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker whose own pace is too slow for its lease reports in time nevertheless. */
@Timeout(20)
class LeaseTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private StubGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new StubGateway();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aReportTakesNoMoreThanAThirdOfTheLease() {
        Lease lease = Lease.ofSeconds(60);

        assertThat(lease.atMost(Duration.ofSeconds(1))).hasSeconds(1);
        assertThat(lease.atMost(HOUR)).hasSeconds(20);
        assertThat(lease.renewed(30).atMost(HOUR)).hasSeconds(10);
        assertThat(lease.renewed(0)).as("as with pause").isEqualTo(lease);
        assertThat(lease.renewed(null)).isEqualTo(lease);
    }

    @Test
    void reportsKeepToTheLeaseOfTheTask() throws Exception {
        gateway.grantLease(0);
        try (TaskReporter reporter = reporter(1)) {
            gateway.await(() -> gateway.progress().size() >= 3);
            reporter.throwIfLost();
        }
    }

    @Test
    void reportsKeepToTheLeaseOfTheLastAnswer() throws Exception {
        gateway.grantLease(1);
        try (TaskReporter reporter = reporter(3600)) {
            gateway.await(() -> gateway.progress().size() >= 3);
            reporter.throwIfLost();
        }
    }

    @Test
    void aGatewayThatWasAwayIsAskedAgainWithinTheLease() throws Exception {
        gateway.beAway(2);
        try (TaskReporter reporter = reporter(1)) {
            gateway.await(() -> !gateway.progress().isEmpty());
            reporter.throwIfLost();
        }
    }

    @Test
    void aReportWithoutAnAnswerIsRepeatedWithinTheLease() throws Exception {
        gateway.hold(1);
        try (TaskReporter reporter = reporter(1)) {
            gateway.await(() -> gateway.progress().size() >= 2);
            reporter.throwIfLost();
        }
    }

    private TaskReporter reporter(int leaseSeconds) {
        JobSpec job =
                new JobSpec("base", null, "supervised", JsonNodeFactory.instance.objectNode(), 1, "file-1", null, 3);
        return new TaskReporter(
                new GatewayClient(gateway.uri(), StubGateway.TOKEN),
                new Task(Kind.TRAIN, "ftjob-1", 1, leaseSeconds, job, null, null),
                HOUR,
                new Retry(HOUR, HOUR));
    }
}
