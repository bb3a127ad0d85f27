package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.inference.InferenceServer;
import dev.tunegate.trainer.inference.RequestError;
import dev.tunegate.trainer.inference.ServedModel;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Chat with a real model, its adapters coming from a gateway. */
@Timeout(120)
class ChatModelsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKEN = "inference-token";
    private static final String BASE = "model";
    private static final String TUNED = "ft:model:org::aBcDeF12";

    @TempDir
    Path work = Path.of("");

    private final HttpClient client = HttpClient.newHttpClient();
    private StubGateway gateway;
    private LoadedModels loaded;
    private ChatModels models;
    private InferenceServer server;

    @BeforeEach
    void start() throws Exception {
        gateway = new StubGateway();
        gateway.addModel(TUNED, BASE, adapter());
        loaded = new LoadedModels(new BaseModels(List.of(golden())), ComputeType.FP32, 1L << 30);
        models = new ChatModels(loaded, new GatewayClient(gateway.uri(), StubGateway.TOKEN), work.resolve("tasks"));
        server = new InferenceServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), TOKEN, models);
    }

    @AfterEach
    void stop() {
        server.close();
        models.close();
        loaded.close();
        gateway.close();
    }

    @Test
    void theBaseModelAndTheFineTunedOneAnswerDifferently() throws Exception {
        String base = content(post(chat(BASE)));
        String tuned = content(post(chat(TUNED)));
        assertThat(base).isNotEmpty();
        assertThat(tuned).isNotEmpty().isNotEqualTo(base);
        assertThat(content(post(chat(BASE)))).isEqualTo(base);
        assertThat(content(post(chat(TUNED)))).isEqualTo(tuned);
        try (Stream<Path> left = Files.list(work.resolve("tasks"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aStreamSaysWhatTheWholeAnswerSaysInWholeCharacters() throws Exception {
        // A random model over a tokenizer with byte fallback: its answers cut characters up.
        ObjectNode request = chat(TUNED).put("temperature", 1).put("seed", 11).put("n", 4);
        JsonNode whole = JSON.readTree(post(request).body());
        String[] streamed = {"", "", "", ""};
        for (String event : post(request.put("stream", true)).body().split("\n\n", -1)) {
            if (event.startsWith("data: {")) {
                JsonNode choice = JSON.readTree(event.substring(6)).at("/choices/0");
                streamed[choice.get("index").asInt()] +=
                        choice.at("/delta/content").asText();
            }
        }
        assertThat(streamed)
                .containsExactlyElementsOf(whole.get("choices").findValuesAsText("content"))
                .doesNotHaveDuplicates();
    }

    @Test
    void manyRequestsForBothAnswerAsAlone() throws Exception {
        String base = content(post(chat(BASE)));
        String tuned = content(post(chat(TUNED)));
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 24)
                .mapToObj(i -> client.sendAsync(request(chat(i % 2 == 0 ? BASE : TUNED)), BodyHandlers.ofString()))
                .toList();
        for (int i = 0; i < answers.size(); i++) {
            assertThat(content(answers.get(i).get())).isEqualTo(i % 2 == 0 ? base : tuned);
        }
    }

    @Test
    void unknownModelsAreNotFound() throws Exception {
        for (String name : List.of("nobody", "ft:nobody:org::aBcDeF12", "../model")) {
            HttpResponse<String> response = post(chat(name));
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(JSON.readTree(response.body()).at("/error/code").asText())
                    .isEqualTo("model_not_found");
        }
    }

    @Test
    void aGatewayThatIsAwayMeansTryAgain() throws Exception {
        gateway.beAway(1);
        assertThat(post(chat(TUNED)).statusCode()).isEqualTo(503);
        assertThat(post(chat(TUNED)).statusCode()).isEqualTo(200);
    }

    @Test
    void aBrokenAdapterIsRefusedAndLeavesTheBaseUsable() throws Exception {
        gateway.addModel("ft:model:org::broken00", BASE, new byte[] {1, 2, 3});
        HttpResponse<String> refused = post(chat("ft:model:org::broken00"));
        assertThat(refused.statusCode()).isEqualTo(500);
        assertThat(JSON.readTree(refused.body()).at("/error/message").asText())
                .isEqualTo("The adapter of 'ft:model:org::broken00' is broken and cannot be loaded: train it again.");
        assertThat(post(chat(BASE)).statusCode()).isEqualTo(200);
    }

    @Test
    void onlyTheAdaptersUsedLastStayInMemory() throws Exception {
        byte[] adapter = adapter();
        for (int i = 0; i < 6; i++) {
            gateway.addModel("ft:model:org::other00" + i, BASE, adapter);
            models.open("ft:model:org::other00" + i).close();
        }
        gateway.beAway(1);
        try (ServedModel kept = models.open("ft:model:org::other005")) {
            assertThat(kept.stopTokens()).isNotEmpty();
        }
        assertThatThrownBy(() -> models.open("ft:model:org::other000")).isInstanceOf(RequestError.class);
    }

    private HttpResponse<String> post(ObjectNode body) throws IOException, InterruptedException {
        return client.send(request(body), BodyHandlers.ofString());
    }

    private HttpRequest request(ObjectNode body) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private static ObjectNode chat(String model) {
        ObjectNode body = JSON.createObjectNode()
                .put("model", model)
                .put("temperature", 0)
                .put("max_tokens", 24);
        body.putArray("messages").addObject().put("role", "user").put("content", "What is this?");
        return body;
    }

    private static String content(HttpResponse<String> response) throws IOException {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body()).at("/choices/0/message/content").asText();
    }

    private byte[] adapter() throws IOException {
        Path zip = work.resolve("adapter.zip");
        AdapterZip.pack(golden().resolve("adapter_final"), zip, Stop.NEVER);
        return Files.readAllBytes(zip);
    }

    private static Path golden() {
        try {
            return Path.of(Objects.requireNonNull(ChatModelsTest.class.getResource("/golden/llama"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
