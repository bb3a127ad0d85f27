package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a worker says of itself, and to whom. */
class WorkerTest extends WorkerFixture {
    @Test
    void aClaimSaysWhatTheWorkerCanDo() throws Exception {
        start(false);
        gateway.await(() -> kinds().equals(Set.of("train", "validate")));

        JsonNode claim = gateway.claims().get(0);
        assertThat(claim.get("models").toString()).isEqualTo("[{\"id\":\"tiny\",\"context_length\":128}]");
        assertThat(claim.get("worker_id").textValue()).isEqualTo("worker-1");
        assertThat(claim.get("device").textValue()).isEqualTo("cpu");
        assertThat(claim.get("inference_url").textValue()).startsWith("http://localhost:");
        assertThat(claim.get("inference_token").textValue()).isNotBlank();
    }

    @Test
    void aWrongTokenEndsTheWorker() throws Exception {
        try (Worker refused = worker("another-token", true)) {
            assertThatThrownBy(refused::run)
                    .isInstanceOf(GatewayException.Refused.class)
                    .hasMessageContaining("401");
        }
    }
}
