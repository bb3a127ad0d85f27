package dev.tunegate.gateway.capture;

import static dev.tunegate.gateway.capture.CaptureFixture.CHAT;
import static dev.tunegate.gateway.capture.CaptureFixture.completion;
import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionListParams;
import com.openai.models.chat.completions.ChatCompletionUpdateParams;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoints of stored completions. */
class StoredCompletionsTest {
    private static final String STORE = "\"store\":true";

    private CaptureFixture chat;

    @BeforeEach
    void start(@TempDir Path directory) {
        chat = new CaptureFixture(directory);
    }

    @AfterEach
    void stop() {
        chat.close();
    }

    @Test
    void theListIsPagedInBothOrders() {
        List.of("a", "b", "c").forEach(id -> chat.keep(id, STORE));
        JsonNode page = chat.client().get(CHAT + "?limit=2").json();
        assertThat(page.path("data").findValuesAsText("id")).containsExactly("a", "b");
        assertThat(page.path("first_id").asText()).isEqualTo("a");
        assertThat(page.path("last_id").asText()).isEqualTo("b");
        assertThat(page.path("has_more").asBoolean()).isTrue();
        assertThat(chat.ids("?after=b")).containsExactly("c");
        assertThat(chat.ids("?after=c")).isEmpty();
        assertThat(chat.ids("?after=unknown")).isEmpty();
        assertThat(chat.ids("?order=desc")).containsExactly("c", "b", "a");
        assertThat(chat.ids("?order=desc&after=b&limit=1")).containsExactly("a");
        assertThat(chat.ids("?order=asc")).containsExactly("a", "b", "c");
    }

    @Test
    void theListIsFiltered() {
        chat.keep("a", "\"dataset\":\"one\",\"metadata\":{\"k\":\"1\",\"l\":\"ü\"}");
        chat.keep("b", "\"dataset\":\"two\",\"metadata\":{\"k\":\"1\"}");
        chat.answerWhole(completion("c").replace("\"base\"", "\"other\""));
        chat.chat(STORE);
        assertThat(chat.ids("?dataset=one")).containsExactly("a");
        assertThat(chat.ids("?dataset=none")).isEmpty();
        assertThat(chat.ids("?metadata%5Bk%5D=1")).containsExactly("a", "b");
        assertThat(chat.ids("?metadata%5Bk%5D=1&metadata%5Bl%5D=%C3%BC")).containsExactly("a");
        assertThat(chat.ids("?model=other")).containsExactly("c");
        assertThat(chat.ids("?model=base&dataset=two&metadata%5Bk%5D=1&order=desc"))
                .containsExactly("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=0", "?limit=101", "?order=up", "?after=%00", "?metadata%5Bk%5D=%00"})
    void aListThatCannotBeIsRefused(String query) {
        assertThat(chat.client().get(CHAT + query).status()).isEqualTo(400);
    }

    @Test
    void theMessagesAreThoseOfTheRequestAsTheyWereSent() {
        chat.answerWhole(completion("c1"));
        String parts =
                "[{\"type\":\"text\",\"text\":\"hi\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:x\"}}]";
        String calls = "[{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]";
        chat.client()
                .post(
                        CHAT,
                        "{\"model\":\"base\",\"store\":true,\"messages\":["
                                + "{\"role\":\"system\",\"content\":\"be brief\",\"name\":\"sys\"},"
                                + "{\"role\":\"user\",\"content\":" + parts + "},"
                                + "{\"role\":\"assistant\",\"tool_calls\":" + calls + "},"
                                + "{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":\"a\\u0000b\"}]}");
        JsonNode messages = messages("").path("data");
        assertThat(messages.findValuesAsText("role")).containsExactly("system", "user", "assistant", "tool");
        assertThat(messages.get(0).path("id").asText()).isEqualTo("c1-0");
        assertThat(messages.get(0).path("content").asText()).isEqualTo("be brief");
        assertThat(messages.get(0).path("name").asText()).isEqualTo("sys");
        assertThat(messages.get(1).path("content").isNull()).isTrue();
        assertThat(messages.get(1).path("content_parts").toString()).isEqualTo(parts);
        assertThat(messages.get(2).path("tool_calls").toString()).isEqualTo(calls);
        assertThat(messages.get(3).path("tool_call_id").asText()).isEqualTo("t1");
        assertThat(messages.get(3).path("content").asText()).isEqualTo("a\0b");
        assertThat(messageIds("?limit=2")).containsExactly("c1-0", "c1-1");
        assertThat(messages("?limit=2").path("has_more").asBoolean()).isTrue();
        assertThat(messageIds("?after=c1-1")).containsExactly("c1-2", "c1-3");
        assertThat(messageIds("?order=desc&after=c1-2")).containsExactly("c1-1", "c1-0");
        assertThat(messageIds("?after=c1-3")).isEmpty();
        assertThat(messageIds("?after=c2-0")).isEmpty();
        assertThat(messageIds("?after=c1-99999999999&order=desc")).isEmpty();
    }

    private JsonNode messages(String query) {
        return chat.client().get(CHAT + "/c1/messages" + query).json();
    }

    private List<String> messageIds(String query) {
        List<String> ids = new ArrayList<>();
        messages(query)
                .path("data")
                .forEach(message -> ids.add(message.path("id").asText()));
        return ids;
    }

    @Test
    void anUpdateReplacesTheMetadata() {
        chat.keep("c1", STORE + ",\"metadata\":{\"a\":\"1\"}");
        Answer updated = chat.client().post(CHAT + "/c1", "{\"metadata\":{\"b\":\"2\"}}");
        assertThat(updated.json().path("metadata").toString()).isEqualTo("{\"b\":\"2\"}");
        assertThat(chat.stored("c1")).isEqualTo(updated.json());
        assertThat(chat.ids("?metadata%5Ba%5D=1")).isEmpty();
        chat.client().post(CHAT + "/c1", "{\"metadata\":null}");
        assertThat(chat.stored("c1").path("metadata").toString()).isEqualTo("{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"metadata\":{\"a\":1}}", "{\"metadata\":{},\"dataset\":\"d\"}", "[]"})
    void anUpdateOfAnythingElseIsRefused(String body) {
        chat.keep("c1", STORE + ",\"metadata\":{\"a\":\"1\"}");
        assertThat(chat.client().post(CHAT + "/c1", body).status()).isEqualTo(400);
        assertThat(chat.stored("c1").at("/metadata/a").asText()).isEqualTo("1");
    }

    @Test
    void whatIsDeletedIsGone() {
        chat.keep("c1", STORE);
        assertThat(chat.client().delete(CHAT + "/c1").body())
                .isEqualTo("{\"object\":\"chat.completion.deleted\",\"id\":\"c1\",\"deleted\":true}");
        assertNotFound(chat.client(), "c1");
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertNotFound(chat.client(), "c1");
    }

    @Test
    void anotherProjectSeesNothing() {
        chat.keep("c1", STORE);
        Keys keys = new Keys(chat.gateway().database().database());
        ApiClient other = chat.gateway()
                .client(await(keys.create("other", "k", ApiKey.Kind.API)).secret());
        assertNotFound(other, "c1");
        assertThat(other.get(CHAT).json().path("data")).isEmpty();
        ApiClient own = chat.gateway()
                .client(await(keys.create("default", "k", ApiKey.Kind.API)).secret());
        assertThat(own.get(CHAT + "/c1").status()).isEqualTo(200);
    }

    private static void assertNotFound(ApiClient client, String id) {
        for (Answer answer : List.of(
                client.get(CHAT + "/" + id),
                client.get(CHAT + "/" + id + "/messages"),
                client.post(CHAT + "/" + id, "{\"metadata\":{}}"),
                client.delete(CHAT + "/" + id))) {
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.error("message")).isEqualTo("Completion " + id + " not found");
            assertThat(answer.error("param")).isEqualTo("completion_id");
            assertThat(answer.error("code")).isEqualTo("not_found");
        }
    }

    @Test
    void openAisClientStoresReadsLabelsAndDeletes() {
        OpenAIClient sdk = chat.sdk();
        List.of("a", "b", "c").forEach(id -> {
            chat.answerWhole(completion(id));
            sdk.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("base")
                            .addUserMessage("hi")
                            .store(true)
                            .metadata(ChatCompletionCreateParams.Metadata.builder()
                                    .putAdditionalProperty("team", JsonValue.from("x"))
                                    .build())
                            .build());
        });
        var completions = sdk.chat().completions();
        assertThat(completions
                        .list(ChatCompletionListParams.builder()
                                .limit(2)
                                .metadata(ChatCompletionListParams.Metadata.builder()
                                        .putAdditionalProperty("team", "x")
                                        .build())
                                .build())
                        .autoPager()
                        .stream()
                        .map(ChatCompletion::id))
                .containsExactly("a", "b", "c");
        assertThat(completions.retrieve("b").choices().get(0).message().content())
                .contains("ho");
        assertThat(completions
                        .update(
                                "b",
                                ChatCompletionUpdateParams.builder()
                                        .metadata(ChatCompletionUpdateParams.Metadata.builder()
                                                .putAdditionalProperty("team", JsonValue.from("y"))
                                                .build())
                                        .build())
                        .id())
                .isEqualTo("b");
        // Its validation takes the role "assistant" alone, which no request ends with; the shape is the contract's.
        var messages = sdk.withOptions(options -> options.responseValidation(false))
                .chat()
                .completions()
                .messages()
                .list("b");
        assertThat(messages.data()).hasSize(1);
        assertThat(messages.data().get(0).id()).isEqualTo("b-0");
        assertThat(messages.data().get(0).content()).contains("hi");
        assertThat(completions.delete("b").deleted()).isTrue();
        assertThatThrownBy(() -> completions.retrieve("b"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("Completion b not found");
    }
}
