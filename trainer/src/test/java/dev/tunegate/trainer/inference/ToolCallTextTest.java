package dev.tunegate.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.trainer.inference.ChatCompletion.ToolCall.Function;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToolCallTextTest {
    private static final String CALL = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>";

    @Test
    void withoutToolsEverythingIsWords() {
        ToolCallText text = new ToolCallText(null);
        assertThat(text.push("{\"name\": 1} <tool_call>")).isEqualTo("{\"name\": 1} <tool_call>");
        assertThat(text.end().calls()).isEmpty();
    }

    @Test
    void findsHermesCallsAfterWords() {
        ToolCallText text = new ToolCallText(tools());
        assertThat(text.push("Let me see. <tool")).isEqualTo("Let me see. ");
        assertThat(text.push(CALL.substring(5) + "\n" + CALL)).isEmpty();
        ToolCallText.End end = text.end();
        assertThat(end.content()).isEmpty();
        assertThat(end.calls())
                .extracting(ChatCompletion.ToolCall::function)
                .containsExactly(new Function("add", "{\"a\":1}"), new Function("add", "{\"a\":1}"));
        assertThat(end.calls()).extracting(ChatCompletion.ToolCall::id).allMatch(id -> id.matches("call_\\w{24}"));
    }

    @Test
    void findsACallWhoseEndTheModelForgot() {
        ToolCallText text = new ToolCallText(tools());
        assertThat(text.push(CALL.replace("</tool_call>", ""))).isEmpty();
        assertThat(text.end().calls()).hasSize(1);
    }

    @Test
    void findsLlamasCall() {
        ToolCallText text = new ToolCallText(tools());
        assertThat(text.push("{\"name\": \"add\", ")).isEmpty();
        assertThat(text.push("\"parameters\": {\"a\": 1}}")).isEmpty();
        assertThat(text.end().calls())
                .extracting(ChatCompletion.ToolCall::function)
                .containsExactly(new Function("add", "{\"a\":1}"));
    }

    @Test
    void whatIsNoCallIsWords() {
        for (String words : List.of(
                "{\"name\": \"unknown\", \"parameters\": {}}",
                "{\"name\": \"add\", \"parameters\": 5}",
                "{ not json",
                "<tool_call>{broken</tool_call>",
                "a <tool_call",
                "  ")) {
            ToolCallText text = new ToolCallText(tools());
            String shown = text.push(words);
            ToolCallText.End end = text.end();
            assertThat(shown + end.content()).isEqualTo(words);
            assertThat(end.calls()).isEmpty();
        }
    }

    private static ArrayNode tools() {
        ArrayNode tools = Json.MAPPER.createArrayNode();
        tools.addObject().put("type", "function").putObject("function").put("name", "add");
        return tools;
    }
}
