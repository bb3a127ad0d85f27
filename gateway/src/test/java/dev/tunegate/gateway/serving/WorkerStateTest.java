package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without an entry in the configuration workers answer, with base models and with what was fine-tuned from them. */
class WorkerStateTest {
    @Test
    void aModelIsReadyWhileAWorkerThatAnswersIsThere(@TempDir Path directory) {
        try (TestGateway gateway = new TestGateway(directory)) {
            TestWorker worker = gateway.worker("w", "base");
            JobClient jobs = new JobClient(gateway.client());
            String job = jobs.create("base");
            worker.validate();
            worker.succeed(worker.mustClaim("train"));
            String model = jobs.get(job).path("fine_tuned_model").asText();
            String ready = "{\"serving\":\"worker\",\"state\":\"ready\",\"reason\":null}";
            assertThat(state(gateway, "base").toString()).isEqualTo(ready);
            assertThat(state(gateway, model).toString()).isEqualTo(ready);

            gateway.database().execute("update workers set inference_url = null");
            String waiting =
                    "{\"serving\":\"worker\",\"state\":\"waiting\",\"reason\":\"no worker that answers with its base"
                            + " model is connected\"}";
            assertThat(state(gateway, "base").toString()).isEqualTo(waiting);
            assertThat(state(gateway, model).toString()).isEqualTo(waiting);
        }
    }

    private static JsonNode state(TestGateway gateway, String model) {
        return gateway.client().get("/v1/models/" + model).json().path("tunegate");
    }
}
