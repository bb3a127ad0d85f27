package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionListParams;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Keep the answers to some questions, and read them as a dataset. */
@ExtendWith(SharedGateway.class)
class KeepAnswersTest {
    private final OpenAIClient client;

    KeepAnswersTest(RunningGateway gateway) {
        client = gateway.client();
    }

    @Test
    void keptAnswersAreReadWithTheirQuestions() {
        // tag::keep-answers[]
        ChatCompletionCreateParams question = ChatCompletionCreateParams.builder()
                .model("tunegate-starter")
                .addUserMessage("How many kites are there?")
                .maxCompletionTokens(24)
                .store(true)
                .putAdditionalBodyProperty("dataset", JsonValue.from("sql-questions"))
                .build();
        ChatCompletion answer = client.chat().completions().create(question);

        Map<String, String> kept = new LinkedHashMap<>();
        ChatCompletionListParams dataset = ChatCompletionListParams.builder()
                .putAdditionalQueryParam("dataset", "sql-questions")
                .build();
        for (ChatCompletion completion :
                client.chat().completions().list(dataset).autoPager()) {
            String asked = client.chat().completions().messages().list(completion.id()).items().stream()
                    .findFirst()
                    .flatMap(message -> message.content())
                    .orElseThrow();
            kept.put(asked, completion.choices().get(0).message().content().orElseThrow());
        }
        // end::keep-answers[]
        assertThat(kept)
                .containsOnly(Map.entry(
                        "How many kites are there?",
                        answer.choices().get(0).message().content().orElseThrow()));
    }
}
