package dev.tunegate.gateway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExamTest {
    private static final String LINE = """
            {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"},
             {"role": "assistant", "content": "2"}]}""";

    @Test
    void asksEverythingUpToTheLastMessageAndExpectsThatMessage() throws Exception {
        Exam.Question question = Exam.Question.of(new ObjectMapper().readTree(LINE));
        assertThat(question.messages()).hasSize(2);
        assertThat(question.text()).isEqualTo("1+1?");
        assertThat(question.expected()).isEqualTo("2");
    }

    @Test
    void countsOnlyAnswersThatAreEqualCharacterByCharacter() throws Exception {
        Exam.Question question = Exam.Question.of(new ObjectMapper().readTree(LINE));
        var sheet = new Exam.Sheet(List.of(question, question, question, question), List.of("2", "2 ", "two", ""));
        assertThat(sheet.right()).isEqualTo(1);
        assertThat(sheet.exactMatch()).isEqualTo(0.25);
    }
}
