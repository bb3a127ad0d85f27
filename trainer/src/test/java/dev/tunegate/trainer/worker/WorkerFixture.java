package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.ModelImport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker with a real, tiny model against a stub of the gateway's side of the protocol. */
@Timeout(300)
abstract class WorkerFixture {
    static final String LINES = IntStream.range(0, 12)
            .mapToObj(i -> "{\"messages\": [{\"role\": \"user\", \"content\": \"Say %d\"}, ".formatted(i)
                    + "{\"role\": \"assistant\", \"content\": \"It is %d.\"}]}".formatted(i))
            .collect(Collectors.joining("\n"));

    static final String PREFERENCES = """
            {"input": {"messages": [{"role": "user", "content": "Is it?"}]}, \
            "preferred_output": [{"role": "assistant", "content": "yes"}], \
            "non_preferred_output": [{"role": "assistant", "content": "no"}]}
            """.repeat(12);

    @TempDir
    Path dir;

    StubGateway gateway;
    private @Nullable Thread running;
    private @Nullable Worker worker;

    @BeforeEach
    void prepare() throws Exception {
        gateway = new StubGateway();
        gateway.addFile("file-train", LINES);
        gateway.addFile("file-valid", LINES);
        ModelImport.copy(Path.of("src/test/resources/golden/llama/model"), dir.resolve("models"), "tiny");
    }

    @AfterEach
    void stop() throws Exception {
        if (worker != null && running != null) {
            worker.stop(Duration.ofSeconds(30));
            running.join();
        }
        gateway.close();
    }

    Worker start(boolean once) throws IOException {
        Worker started = worker(StubGateway.TOKEN, once);
        Thread thread = new Thread(
                () -> {
                    try (started) {
                        started.run();
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError("the worker failed", e);
                    }
                },
                "worker");
        thread.start();
        worker = started;
        running = thread;
        return started;
    }

    Worker worker(String token, boolean once) throws IOException {
        WorkerSettings settings = new WorkerSettings(
                "worker-1",
                gateway.uri(),
                token,
                List.of(dir.resolve("models")),
                ComputeType.FP32,
                "cpu",
                1L << 30,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                workDir(),
                once);
        return new Worker(settings, new Retry(Duration.ofMillis(5), Duration.ofMillis(50)), Duration.ofMillis(50));
    }

    Path workDir() {
        return dir.resolve("work");
    }

    Thread running() {
        if (running == null) {
            throw new AssertionError("no worker was started");
        }
        return running;
    }

    static ObjectNode job(String hyperparameters) throws IOException {
        ObjectNode job = JsonNodeFactory.instance.objectNode();
        job.put("model", "tiny").put("method", "supervised").put("seed", 7);
        job.put("training_file", "file-train")
                .put("validation_file", "file-valid")
                .put("n_checkpoints", 3);
        job.set("hyperparameters", new ObjectMapper().readTree(hyperparameters));
        return job;
    }

    double metric(int index) {
        return gateway.events().get(index).get("data").get("train_loss").doubleValue();
    }

    Set<String> kinds() {
        return gateway.claims().stream()
                .map(claim -> claim.get("kind").textValue())
                .collect(Collectors.toSet());
    }

    String csv(JsonNode finish) {
        JsonNode file = finish.get("result_files").get(0);
        assertThat(file.get("filename").textValue()).isEqualTo("step_metrics.csv");
        return new String(gateway.blob(file.get("blob_id").textValue()), StandardCharsets.UTF_8);
    }

    static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }
}
