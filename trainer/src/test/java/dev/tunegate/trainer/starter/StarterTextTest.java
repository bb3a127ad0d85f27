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
        List<StarterText.Turn> turns = queryTurns(2).stream()
                .filter(turn ->
                        turn.user().startsWith("In steps") || turn.user().startsWith("In filter"))
                .toList();
        assertThat(turns).isNotEmpty();
        for (StarterText.Turn turn : turns) {
            assertThat(JSON.readTree(turn.assistant()).isContainerNode()).isTrue();
        }
    }

    @Test
    void aPlainQuestionIsAnsweredInSqlOverTheTableItNames() {
        assertThat(queryTurns(3))
                .filteredOn(turn -> !turn.user().startsWith("In "))
                .isNotEmpty()
                .allSatisfy(turn -> {
                    assertThat(turn.assistant()).startsWith("SELECT ");
                    assertThat(turn.user()).contains(turn.assistant().replaceAll(".* FROM (\\w+).*", "$1"));
                });
    }

    @Test
    void neitherTheDemosLanguageNorItsCollectionIsInTheText() {
        assertThat(queryTurns(4)).allSatisfy(turn -> {
            assertThat(turn.assistant()).doesNotContain("\"$");
            assertThat(turn.user() + " " + turn.assistant()).doesNotContainIgnoringCase("scooter");
        });
    }

    private static List<StarterText.Turn> queryTurns(long seed) {
        return Stream.generate(new StarterText(seed)::next)
                .limit(1000)
                .flatMap(example -> example.turns().stream())
                .filter(turn -> !turn.user().startsWith("Repeat: "))
                .toList();
    }

    private static List<String> lines(long seed, int count) {
        return Stream.generate(new StarterText(seed)::nextJsonLine).limit(count).toList();
    }
}
