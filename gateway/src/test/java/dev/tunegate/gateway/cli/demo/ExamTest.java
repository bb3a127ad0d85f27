package dev.tunegate.gateway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.cli.demo.data.DemoExample;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExamTest {
    private static final DemoExample QUESTION = new DemoExample("All open orders", "[{}]");

    @Test
    void asksAsTheTrainingLinesDo() throws Exception {
        assertThat(new ObjectMapper().readTree(QUESTION.toJsonLine()).at("/messages/0"))
                .isEqualTo(Exam.conversation(QUESTION).get(0));
    }

    @Test
    void countsOnlyAnswersThatAreEqualCharacterByCharacter() {
        var sheet =
                new Exam.Sheet(List.of(QUESTION, QUESTION, QUESTION, QUESTION), List.of("[{}]", "[{}] ", "[{ }]", ""));
        assertThat(sheet.right()).isEqualTo(1);
        assertThat(sheet.exactMatch()).isEqualTo(0.25);
    }
}
