package dev.tunegate.trainer.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StarterTextTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theSameSeedGivesTheSameText() {
        assertThat(lines(5, 200)).isEqualTo(lines(5, 200)).isNotEqualTo(lines(6, 200));
    }

    @Test
    void everyLineIsAChatThatEndsWithTheAnswer() throws Exception {
        for (String line : lines(1, 500)) {
            JsonNode messages = JSON.readTree(line).path("messages");
            assertThat(messages.path(messages.size() - 1).path("role").asText()).isEqualTo("assistant");
            assertThat(messages.path(messages.size() - 2).path("role").asText()).isEqualTo("user");
            assertThat(messages)
                    .allSatisfy(message ->
                            assertThat(message.path("content").asText()).isNotBlank());
        }
    }

    @Test
    void jsonDialectsAreJson() throws Exception {
        for (StarterText.Example example : examples(2, 1000)) {
            if (example.system().contains(" steps.") || example.system().contains(" filter.")) {
                assertThat(JSON.readTree(example.answer()).isContainerNode()).isTrue();
            }
        }
    }

    @Test
    void whatTheQuestionNamesIsInTheAnswer() {
        assertThat(examples(3, 1000))
                .filteredOn(example ->
                        example.system().isEmpty() && !example.question().startsWith("Repeat: "))
                .isNotEmpty()
                .allSatisfy(example ->
                        assertThat(example.question()).contains(example.answer().replaceAll(".* FROM (\\w+).*", "$1")));
    }

    @Test
    void neitherTheDemosLanguageNorItsCollectionIsInTheText() {
        assertThat(examples(4, 3000))
                .filteredOn(example -> !example.question().startsWith("Repeat: "))
                .allSatisfy(example -> {
                    assertThat(example.answer()).doesNotContain("\"$");
                    assertThat((example.question() + " " + example.answer()).split("\\W+"))
                            .doesNotContain("orders", "status", "city", "channel", "items", "weight");
                });
    }

    private static List<String> lines(long seed, int count) {
        return Stream.generate(new StarterText(seed)::nextJsonLine).limit(count).toList();
    }

    private static List<StarterText.Example> examples(long seed, int count) {
        return Stream.generate(new StarterText(seed)::next).limit(count).toList();
    }
}
