package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs whose transfers hang while everything else gets through: an order ends them long before their line counts as dead. */
@Timeout(20)
class HungTransferTest extends WorkerFixture {
    @Test
    void cancelIsHeardWhileAFileIsDownloadedToBeChecked() throws Exception {
        gateway.hold("/files/");
        gateway.offer("validate", "ftjob-1", job("{}"), null);
        start(false);
        gateway.await(() -> gateway.held() > 0);
        gateway.direct("cancel");

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
    }

    @Test
    void pauseIsHeardWhileAFileIsDownloadedToBeTrainedOn() throws Exception {
        gateway.hold("/files/");
        gateway.offer("train", "ftjob-1", job("{}"), null);
        start(true);
        gateway.await(() -> gateway.held() > 0);
        gateway.direct("pause");

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
        assertThat(gateway.checkpoints()).isEmpty();
    }

    @Test
    void cancelIsHeardWhileTheLastUploadHangs() throws Exception {
        gateway.hold("/blobs");
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 1, \"batch_size\": 12}"), null);
        start(true);
        gateway.await(() -> gateway.held() > 0 && !gateway.messages().isEmpty());
        gateway.direct("cancel");

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
        running().join();
    }

    @Test
    void aTaskTakenAwayIsLeftWhileItsUploadHangs() throws Exception {
        gateway.hold("/blobs");
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 1, \"batch_size\": 12}"), null);
        start(true);
        gateway.await(() -> gateway.held() > 0 && !gateway.messages().isEmpty());
        gateway.takeTaskAway();

        running().join();
        assertThat(gateway.finished()).isFalse();
    }
}
