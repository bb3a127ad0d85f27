package dev.tunegate.gateway.cli.demo.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DemoDataTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DemoData DATA = DemoData.generate(1);

    @Test
    void theSameSeedGivesTheSameLines() {
        assertThat(DemoData.generate(1)).isEqualTo(DATA);
        assertThat(DemoData.generate(2).train()).isNotEqualTo(DATA.train());
    }

    @Test
    void hasTheSizesItNames() {
        assertThat(DATA.train()).hasSize(DemoData.TRAIN);
        assertThat(DATA.validation()).hasSize(DemoData.VALIDATION);
        assertThat(DATA.test()).hasSize(DemoData.TEST);
    }

    @Test
    void noTestQuestionOrAnswerOccursInTraining() {
        Set<String> questions = new HashSet<>();
        Set<String> answers = new HashSet<>();
        for (List<DemoExample> seen : List.of(DATA.train(), DATA.validation())) {
            seen.forEach(example -> {
                questions.add(example.question());
                answers.add(example.stages());
            });
        }
        assertThat(DATA.test()).allSatisfy(example -> {
            assertThat(questions).doesNotContain(example.question());
            assertThat(answers).doesNotContain(example.stages());
        });
    }

    @Test
    void noQuestionHasTwoAnswers() {
        List<DemoExample> all = new ArrayList<>(DATA.train());
        all.addAll(DATA.validation());
        all.addAll(DATA.test());
        assertThat(all).extracting(DemoExample::question).doesNotHaveDuplicates();
    }

    @Test
    void everyAnswerIsAListOfKnownStagesInCanonicalForm() throws Exception {
        for (DemoExample example : DATA.train()) {
            JsonNode stages = JSON.readTree(example.stages());
            assertThat(stages.isArray()).isTrue();
            assertThat(stages).allSatisfy(stage -> {
                assertThat(stage.size()).isEqualTo(1);
                assertThat(stage.fieldNames().next()).isIn("$match", "$group", "$sort", "$limit", "$project", "$count");
            });
            assertThat(stages.toString()).isEqualTo(example.stages());
        }
    }

    @Test
    void everyKindOfStageIsTrainedAndTested() {
        for (List<DemoExample> set : List.of(DATA.train(), DATA.test())) {
            String answers =
                    String.join("\n", set.stream().map(DemoExample::stages).toList());
            assertThat(answers).contains("$match", "$group", "$sort", "$limit", "$project", "$count");
        }
    }

    @Test
    void aLineIsAChatOfQuestionAndAnswer() throws Exception {
        DemoExample example = new DemoExample("How many red scooters", "[{\"$count\":\"scooters\"}]");
        assertThat(JSON.readTree(example.toJsonLine())).isEqualTo(JSON.readTree("""
                {"messages": [
                  {"role": "user", "content": "How many red scooters"},
                  {"role": "assistant", "content": "[{\\"$count\\":\\"scooters\\"}]"}]}
                """));
    }
}
