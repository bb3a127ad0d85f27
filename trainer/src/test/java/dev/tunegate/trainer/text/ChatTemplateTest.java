package dev.tunegate.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.text.jinja.TemplateError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void readsTheTemplateOfTheTokenizerConfig() throws IOException {
        config("{\"bos_token\": \"<s>\", \"chat_template\": \"{{ bos_token }}{{ messages[0].content }}\"}");
        ChatTemplate template = ChatTemplate.load(directory);
        assertThat(prompt(template, "[{'role': 'user', 'content': 'hi'}]")).isEqualTo("<s>hi");
    }

    @Test
    void theFileBesideWins() throws IOException {
        config("{\"chat_template\": \"configured\"}");
        Files.writeString(directory.resolve("chat_template.jinja"), "beside {{ eos_token is defined }}");
        assertThat(prompt(ChatTemplate.load(directory), "[]")).isEqualTo("beside False");
    }

    @Test
    void aNamedTemplateForToolsIsUsedWhenThereAreTools() throws IOException {
        config("{\"chat_template\": [{\"name\": \"default\", \"template\": \"plain\"},"
                + "{\"name\": \"tool_use\", \"template\": \"tools: {{ tools|length }}\"}]}");
        ChatTemplate template = ChatTemplate.load(directory);
        assertThat(prompt(template, "[]")).isEqualTo("plain");
        JsonNode tools = json("[{'type': 'function', 'function': {'name': 'f'}}]");
        assertThat(template.render(json("[]"), tools, true).text()).isEqualTo("tools: 1");
    }

    @Test
    void aBrokenTemplateIsRefusedWithItsLine() throws IOException {
        Files.writeString(directory.resolve("chat_template.jinja"), "a\n{% if %}");
        assertThatThrownBy(() -> ChatTemplate.load(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2");
    }

    @Test
    void aBaseModelGetsThePlainTranscript() throws IOException {
        config("{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
        ChatTemplate template = ChatTemplate.load(directory);
        JsonNode messages = json("[{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': 'Hi'},"
                + " {'role': 'assistant', 'content': 'Hello'}, {'role': 'user', 'content': 'Bye'}]");
        assertThat(template.render(messages, null, true).text())
                .isEqualTo("<s>Be brief.\n\nUser: Hi\n\nAssistant: Hello</s>\n\nUser: Bye\n\nAssistant:");
        Rendered rendered = template.render(messages, null, false);
        Span span = rendered.assistantSpans().get(0);
        assertThat(rendered.text().substring(span.start(), span.end())).isEqualTo(" Hello</s>");
    }

    @Test
    void contentsAreStringsWhateverFormTheyCameIn() {
        String messages =
                "[{'role': 'user', 'content': [{'type': 'text', 'text': 'a'}, {'type': 'text', 'text': 'b'}]},"
                        + " {'role': 'assistant', 'content': null, 'tool_calls': []}, {'role': 'assistant'},"
                        + " {'role': 'assistant', 'content': null, 'refusal': 'no'}]";
        String template = "{% for m in messages %}[{{ m.content }}{{ m.tool_calls is defined }}]{% endfor %}";
        assertThat(render(template, messages)).isEqualTo("[a\nbFalse][False][False][noFalse]");
    }

    @Test
    void toolArgumentsAreObjects() {
        String template = "{% for m in messages %}{{ m.tool_calls|tojson }}{% endfor %}";
        assertThat(render(
                        template,
                        "[{'role': 'assistant', 'tool_calls': [{'type': 'function', 'function':"
                                + " {'name': 'f', 'arguments': '{\\\"a\\\": [1, 2.0]}'}}]}]"))
                .isEqualTo(
                        "[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {\"a\": [1, 2.0]}}}]");
        assertThat(render(template, "[{'role': 'assistant', 'function_call': {'name': 'f', 'arguments': 'not json'}}]"))
                .isEqualTo("[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": \"not json\"}}]");
    }

    @Test
    void toolArgumentsAreTextForATemplateThatNeedsText() {
        String template = "{% for m in messages %}{{ 'call ' + m.tool_calls[0].function.arguments }}{% endfor %}";
        assertThat(render(
                        template,
                        "[{'role': 'assistant', 'tool_calls': [{'type': 'function', 'function':"
                                + " {'name': 'f', 'arguments': '{\\\"a\\\":1}'}}]}]"))
                .isEqualTo("call {\"a\":1}");
    }

    @Test
    void aDeveloperIsTheSystemWhereTheTemplateDoesNotKnowDevelopers() {
        String messages = "[{'role': 'developer', 'content': 'x'}, {'role': 'function', 'name': 'f', 'content': 'y'}]";
        assertThat(render("{% for m in messages %}{{ m.role }} {% endfor %}", messages))
                .isEqualTo("system tool ");
        assertThat(render("{% for m in messages %}{{ m.role }} {% endfor %}{% if 'developer' %}{% endif %}", messages))
                .isEqualTo("developer tool ");
    }

    @Test
    void theWeightIsNotShownToTheTemplate() {
        assertThat(render("{{ messages[0] }}", "[{'role': 'assistant', 'weight': 1, 'content': 'a'}]"))
                .isEqualTo("{'role': 'assistant', 'content': 'a'}");
    }

    @Test
    void whatTheTemplateRefusesIsAnErrorWithItsReason() {
        ChatTemplate template = template("{{ raise_exception('roles must alternate') }}");
        assertThatThrownBy(() -> template.render(json("[]"), null, true))
                .isInstanceOf(TemplateError.class)
                .hasMessage("chat template, line 1: roles must alternate");
    }

    private void config(String json) throws IOException {
        Files.writeString(directory.resolve("tokenizer_config.json"), json);
    }

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(source, Map.of(), Clock.systemUTC());
    }

    private static String render(String template, String messages) {
        return prompt(template(template), messages);
    }

    private static String prompt(ChatTemplate template, String messages) {
        return template.render(json(messages), null, true).text();
    }

    /** JSON with single quotes, for legibility. */
    private static JsonNode json(String text) {
        try {
            ObjectNode holder = (ObjectNode) JSON.readTree("{\"v\": " + text.replace('\'', '"') + "}");
            return holder.get("v");
        } catch (IOException e) {
            throw new AssertionError("the test's own JSON is broken: " + text, e);
        }
    }
}
