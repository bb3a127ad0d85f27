package dev.tunegate.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class InferenceServerTest {
    private static final String TOKEN = "secret-token";

    private final HttpClient client = HttpClient.newHttpClient();
    private final ByteModel.Source models = new ByteModel.Source();
    private InferenceServer server;

    @BeforeEach
    void start() throws IOException {
        server = new InferenceServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), TOKEN, models);
    }

    @AfterEach
    void stop() {
        models.goOn.countDown();
        server.close();
        assertThat(models.inUse).hasValue(0);
    }

    @Test
    void answersInOpenAisShape() throws Exception {
        HttpResponse<String> response = post(chat("parrot", "häl🙂lo", ""));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode answer = Json.MAPPER.readTree(response.body());
        assertThat(answer.get("id").asText()).matches("chatcmpl-\\w{29}");
        assertThat(answer.get("system_fingerprint").asText()).matches("fp_[0-9a-f]{10}");
        long age = System.currentTimeMillis() / 1000 - answer.get("created").asLong();
        assertThat(age).isBetween(0L, 60L);
        String fixed = response.body()
                .replaceFirst("chatcmpl-\\w{29}", "ID")
                .replaceFirst("\"created\":\\d+", "\"created\":0")
                .replaceFirst("fp_\\w+", "FP");
        assertThat(fixed)
                .isEqualTo("{\"id\":\"ID\",\"object\":\"chat.completion\",\"created\":0,\"model\":\"parrot\","
                        + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"häl🙂lo\","
                        + "\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                        + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":10,\"total_tokens\":20,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,"
                        + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}},"
                        + "\"service_tier\":\"default\",\"system_fingerprint\":\"FP\"}");
    }

    @Test
    void streamsInOpenAisShape() throws Exception {
        HttpResponse<String> response = post(chat("parrot", "hé", ",\"stream\":true"));
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
        List<JsonNode> chunks = ServerSentEvents.read(response.body());
        assertThat(chunks)
                .extracting(c -> c.get("id").asText())
                .containsOnly(chunks.get(0).get("id").asText());
        assertThat(chunks).allSatisfy(chunk -> {
            assertThat(chunk.get("object").asText()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.has("usage")).isFalse();
        });
        assertThat(chunks)
                .extracting(c -> c.get("choices").toString())
                .containsExactly(
                        "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}]",
                        "[{\"index\":0,\"delta\":{\"content\":\"h\"},\"logprobs\":null,\"finish_reason\":null}]",
                        "[{\"index\":0,\"delta\":{\"content\":\"é\"},\"logprobs\":null,\"finish_reason\":null}]",
                        "[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]");
    }

    @Test
    void streamsTheUsageWhereAskedFor() throws Exception {
        HttpResponse<String> response =
                post(chat("parrot", "hey", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        List<JsonNode> chunks = ServerSentEvents.read(response.body());
        JsonNode last = chunks.remove(chunks.size() - 1);
        assertThat(chunks).allMatch(chunk -> chunk.get("usage").isNull());
        assertThat(last.get("choices")).isEmpty();
        assertThat(last.at("/usage/completion_tokens").asInt()).isEqualTo(3);
        assertThat(last.at("/usage/total_tokens").asInt()).isEqualTo(6);
    }

    @Test
    void aStreamSaysWhatTheWholeAnswerSays() throws Exception {
        String options = ",\"temperature\":2,\"logit_bias\":{\"97\":9,\"98\":9},\"seed\":5,\"n\":3,\"max_tokens\":20";
        JsonNode whole =
                Json.MAPPER.readTree(post(chat("parrot", "aabb", options)).body());
        List<JsonNode> chunks = ServerSentEvents.read(
                post(chat("parrot", "aabb", options + ",\"stream\":true")).body());
        List<String> streamed = IntStream.range(0, 3)
                .mapToObj(i -> ServerSentEvents.content(chunks, i))
                .toList();
        List<String> collected = new ArrayList<>();
        whole.get("choices")
                .forEach(choice -> collected.add(choice.at("/message/content").asText()));
        assertThat(streamed).isEqualTo(collected);
        assertThat(streamed).doesNotHaveDuplicates();
    }

    @Test
    void stopStringsEndTheAnswerAndAreNotShown() throws Exception {
        String body =
                post(chat("parrot", "one, two", ",\"stop\":[\", \",\"zzz\"]")).body();
        JsonNode choice = Json.MAPPER.readTree(body).at("/choices/0");
        assertThat(choice.at("/message/content").asText()).isEqualTo("one");
        assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
    }

    @Test
    void maxTokensEndsTheAnswerForItsLength() throws Exception {
        JsonNode answer = Json.MAPPER.readTree(
                post(chat("parrot", "abcdef", ",\"max_tokens\":4")).body());
        assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo("abcd");
        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(4);
    }

    @Test
    void showsLogProbabilitiesWhereAskedFor() throws Exception {
        JsonNode answer = Json.MAPPER.readTree(post(chat("parrot", "ab", ",\"logprobs\":true,\"top_logprobs\":2"))
                .body());
        JsonNode tokens = answer.at("/choices/0/logprobs/content");
        assertThat(tokens).hasSize(2);
        assertThat(tokens.at("/1/token").asText()).isEqualTo("b");
        assertThat(tokens.at("/1/bytes").toString()).isEqualTo("[98]");
        assertThat(tokens.at("/1/top_logprobs")).hasSize(2);
        assertThat(tokens.at("/1/top_logprobs/0/token").asText()).isEqualTo("b");
        assertThat(answer.at("/choices/0/logprobs/refusal").isNull()).isTrue();
    }

    @Test
    void toolCallsAreFound() throws Exception {
        String call = "<tool_call>{\\\"name\\\":\\\"f\\\",\\\"arguments\\\":{}}</tool_call>";
        String tools = ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
        JsonNode choice =
                Json.MAPPER.readTree(post(chat("parrot", call, tools)).body()).at("/choices/0");
        assertThat(choice.get("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(choice.at("/message/content").isNull()).isTrue();
        assertThat(choice.at("/message/tool_calls/0/function").toString())
                .isEqualTo("{\"name\":\"f\",\"arguments\":\"{}\"}");
        List<JsonNode> chunks = ServerSentEvents.read(
                post(chat("parrot", call, tools + ",\"stream\":true")).body());
        assertThat(ServerSentEvents.content(chunks, 0)).isEmpty();
        JsonNode streamed = chunks.get(1).at("/choices/0/delta/tool_calls/0");
        assertThat(streamed.get("index").asInt()).isZero();
        assertThat(streamed.at("/function/name").asText()).isEqualTo("f");
        assertThat(chunks.get(2).at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    POST | /v1/chat/completions | {"model":"nobody","messages":[{"role":"user","content":"x"}]} | 404 | model_not_found
                    POST | /v1/chat/completions | {"model":"nobody","messages":[{"role":"user","content":"x"}],"stream":true} | 404 | model_not_found
                    POST | /v1/chat/completions | {"model":"parrot"} | 400 | missing_required_parameter
                    POST | /v1/chat/completions | {"model":"parrot" | 400 | null
                    POST | /v1/chat/completions | [] | 400 | null
                    POST | /v1/chat/completions | {} {} | 400 | null
                    POST | /v1/chat/completions | {"model":"broken","messages":[{"role":"user","content":"x"}]} | 500 | null
                    POST | /v1/chat/completions | {"model":"broken","messages":[{"role":"user","content":"x"}],"stream":true} | 500 | null
                    GET  | /v1/chat/completions | x | 405 | method_not_supported
                    POST | /v1/embeddings | {} | 404 | null
                    POST | /health | {} | 405 | method_not_supported
                    """)
    void refusesInOpenAisShape(String method, String path, String body, int status, String code) throws Exception {
        HttpResponse<String> response = client.send(
                request(path)
                        .header("Authorization", "Bearer " + TOKEN)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(status);
        JsonNode error = Json.MAPPER.readTree(response.body()).get("error");
        assertThat(error.fieldNames()).toIterable().containsExactly("message", "type", "param", "code");
        assertThat(error.get("code").asText()).isEqualTo(code);
        assertThat(response.body()).doesNotContain("secret detail").doesNotContain("Exception");
    }

    @Test
    void refusesWhatDoesNotFitTheContext() throws Exception {
        HttpResponse<String> prompt = post(chat("parrot", "x".repeat(ByteModel.CONTEXT), ""));
        assertThat(prompt.statusCode()).isEqualTo(400);
        JsonNode error = Json.MAPPER.readTree(prompt.body()).get("error");
        assertThat(error.get("code").asText()).isEqualTo("context_length_exceeded");
        assertThat(error.get("message").asText())
                .isEqualTo("This model's maximum context length is 128 tokens. However, your messages resulted in 128"
                        + " tokens. Please reduce the length of the messages.");
        HttpResponse<String> both = post(chat("parrot", "x".repeat(10), ",\"max_tokens\":119"));
        assertThat(Json.MAPPER.readTree(both.body()).at("/error/message").asText())
                .contains("you requested 129 tokens (10 in the messages, 119 in the completion)");
    }

    @Test
    void refusesABiasForATokenThatThereIsNot() throws Exception {
        assertThat(post(chat("parrot", "x", ",\"logit_bias\":{\"256\":1}")).statusCode())
                .isEqualTo(200);
        HttpResponse<String> response = post(chat("parrot", "x", ",\"logit_bias\":{\"257\":1}"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Json.MAPPER.readTree(response.body()).at("/error/message").asText())
                .isEqualTo("Invalid key in 'logit_bias': 257. The token ids of this model are 0 to 256.");
    }

    @Test
    void refusesMessagesWithoutText() throws Exception {
        HttpResponse<String> response = post(chat("parrot", "", ""));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Json.MAPPER.readTree(response.body()).at("/error/param").asText())
                .isEqualTo("messages");
    }

    @Test
    void asksForTheToken() throws Exception {
        HttpRequest without = request("/v1/chat/completions")
                .POST(BodyPublishers.ofString(chat("parrot", "x", "")))
                .build();
        HttpRequest wrong = request("/v1/chat/completions")
                .header("Authorization", "Bearer guess")
                .POST(BodyPublishers.ofString(chat("parrot", "x", "")))
                .build();
        for (HttpRequest request : List.of(without, wrong)) {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(Json.MAPPER.readTree(response.body()).at("/error/code").asText())
                    .isEqualTo("invalid_api_key");
            assertThat(response.body()).doesNotContain(TOKEN);
        }
        HttpResponse<String> health = client.send(request("/health").build(), BodyHandlers.ofString());
        assertThat(health.body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void aClientThatGoesAwayEndsTheGeneration() throws Exception {
        HttpResponse<InputStream> response =
                client.send(authorized(chat("chatter", "x", ",\"stream\":true")), BodyHandlers.ofInputStream());
        try (InputStream stream = response.body()) {
            assertThat(stream.read()).isIn((int) 'd', (int) ':');
            assertThat(models.inUse).hasValue(1);
        }
        while (models.inUse.get() > 0) {
            Thread.onSpinWait(); // the class's time limit ends the wait
        }
    }

    @Test
    void manyAtOnceAreAnsweredWhileALongAnswerRuns() throws Exception {
        HttpResponse<InputStream> endless =
                client.send(authorized(chat("chatter", "x", ",\"stream\":true")), BodyHandlers.ofInputStream());
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 40)
                .mapToObj(i -> client.sendAsync(authorized(chat("parrot", "answer " + i, "")), BodyHandlers.ofString()))
                .toList();
        for (int i = 0; i < answers.size(); i++) {
            JsonNode answer = Json.MAPPER.readTree(answers.get(i).get().body());
            assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo("answer " + i);
        }
        endless.body().close();
        while (models.inUse.get() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void refusesWhenTooManyWait() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 30)
                .mapToObj(i -> client.sendAsync(authorized(chat("stuck", "x", ",\"n\":8")), BodyHandlers.ofString()))
                .toList();
        HttpResponse<?> refused = (HttpResponse<?>) CompletableFuture.anyOf(answers.toArray(CompletableFuture[]::new))
                .get();
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        models.goOn.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get().statusCode()).isIn(200, 503);
        }
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return client.send(authorized(body), BodyHandlers.ofString());
    }

    private HttpRequest authorized(String body) {
        return request("/v1/chat/completions")
                .header("Authorization", "Bearer " + TOKEN)
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                .timeout(Duration.ofSeconds(50));
    }

    private static String chat(String model, String content, String more) {
        return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"temperature\":0%s}"
                .formatted(model, content, more)
                .replaceFirst("\"temperature\":0,\"temperature\"", "\"temperature\"");
    }
}
