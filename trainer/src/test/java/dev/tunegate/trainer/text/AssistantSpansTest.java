package dev.tunegate.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.text.jinja.TemplateError;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class AssistantSpansTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

    private static final String CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
            + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static final String CONVERSATION = """
            [{"role": "system", "content": "s"}, {"role": "user", "content": "q"},
             {"role": "assistant", "content": "one 🙂"}, {"role": "user", "content": "r"},
             {"role": "assistant", "content": "two"}]""";

    @Test
    void anAnswerGoesFromThePromptToTheEndOfItsTurn() {
        assertThat(said(CHATML, CONVERSATION)).containsExactly("one 🙂<|im_end|>\n", "two<|im_end|>\n");
    }

    @Test
    void aMessageOfWeightZeroIsNotLearned() {
        String conversation = CONVERSATION.replace("\"one 🙂\"", "\"one\", \"weight\": 0");
        assertThat(said(CHATML, conversation)).containsExactly("two<|im_end|>\n");
        assertThat(said(marked(CHATML), conversation)).containsExactly("two<|im_end|>\n");
    }

    @Test
    void anEarlierTurnThatLosesItsThinkingIsStillFound() {
        String template = """
                {%- for m in messages %}
                    {%- if m.role == 'assistant' %}
                        {{- '<a>' + (m.content if loop.last else m.content.split('</think>')[-1]) + '</a>' }}
                    {%- else %}
                        {{- '<u>' + m.content + '</u>' }}
                    {%- endif %}
                {%- endfor %}
                {%- if add_generation_prompt %}{{ '<a>' }}{% endif %}""";
        String conversation = """
                [{"role": "user", "content": "q"}, {"role": "assistant", "content": "<think>hm</think>one"},
                 {"role": "user", "content": "r"}, {"role": "assistant", "content": "<think>hm</think>two"}]""";
        assertThat(said(template, conversation)).containsExactly("one</a>", "<think>hm</think>two</a>");
    }

    @Test
    void anEosThatEndsTheWholeConversationIsLearnedWithTheLastAnswer() {
        String template = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
                + "{{ '<|assistant|>' if add_generation_prompt else eos_token }}";
        assertThat(said(template, CONVERSATION)).containsExactly("one 🙂<|end|>", "two<|end|></s>");
    }

    @Test
    void aPromptThatOpensTheThinkingIsTakenOffOnlyWhereTheTurnRepeatsIt() {
        String template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
                + "{% if add_generation_prompt %}<assistant><think>\n{% endif %}";
        String conversation = """
                [{"role": "user", "content": "q"}, {"role": "assistant", "content": "<think>\\nhm"},
                 {"role": "user", "content": "r"}, {"role": "assistant", "content": "<table>"}]""";
        // The model is not asked for what the prompt has already said, but for every character of "<table>".
        assertThat(said(template, conversation)).containsExactly("hm</>", "<table></>");
    }

    @Test
    void aHeaderWrittenWithTheUsersTurnIsNoPartOfTheAnswer() {
        String template = "{% for m in messages %}{% if m.role == 'user' %}U:{{ m.content }} A:"
                + "{% elif m.role == 'assistant' %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}";
        assertThat(said(template, CONVERSATION)).containsExactly("one 🙂</s>", "two</s>");
    }

    @Test
    void aToolCallIsLearned() {
        String template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}"
                + "{% for c in m.tool_calls %}{{ c.function | tojson }}{% endfor %}</>{% endfor %}"
                + "{% if add_generation_prompt %}<assistant>{% endif %}";
        String conversation = """
                [{"role": "user", "content": "q"},
                 {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function",
                  "function": {"name": "f", "arguments": "{\\"x\\": 1}"}}]},
                 {"role": "tool", "tool_call_id": "1", "content": "r"}]""";
        assertThat(said(template, conversation)).containsExactly("{\"name\": \"f\", \"arguments\": {\"x\": 1}}</>");
    }

    @Test
    void aVeryLongConversationIsNoSlowOne() {
        String turn = "{\"role\": \"user\", \"content\": \"q\"}, {\"role\": \"assistant\", \"content\": \"one\"}";
        String conversation = "[" + String.join(",", Collections.nCopies(5000, turn)) + "]";
        assertThat(said(CHATML, conversation)).hasSize(5000).containsOnly("one<|im_end|>\n");
    }

    @Test
    void aConversationWhoseAnswersCannotBeToldApartIsRefused() {
        String template = "{{ messages | map(attribute='content') | join(' ') | upper }}"
                + "{{ messages | length }}{% if add_generation_prompt %}?{% endif %}";
        assertThatThrownBy(() -> said(template, CONVERSATION))
                .isInstanceOf(TemplateError.class)
                .hasMessageContaining("cannot tell what the assistant says in message 3")
                .hasMessageContaining("{% generation %}");
    }

    @Test
    void aGenerationBlockInsideAMacroIsFoundAllTheSame() {
        String template = "{% macro turn(m) %}<{{ m.role }}>{% generation %}{{ m.content }}</>{% endgeneration %}"
                + "{% endmacro %}{% for m in messages %}{{ turn(m) }}{% endfor %}"
                + "{% if add_generation_prompt %}<assistant>{% endif %}";
        assertThat(said(template, CONVERSATION)).containsExactly("one 🙂</>", "two</>");
    }

    /**
     * Takes the marks out of templates that have them: what is found without must end where the marks end, and begin
     * where they begin or after that part of the generation prompt that their author marked too.
     */
    @TestFactory
    Stream<DynamicTest> findsWhatGenerationBlocksMark() throws IOException, URISyntaxException {
        String given = System.getProperty("templates.dir");
        URL own = Objects.requireNonNull(AssistantSpansTest.class.getResource("/chat-templates"));
        Path directory = given != null ? Path.of(given) : Path.of(own.toURI());
        JsonNode golden = JSON.readTree(directory.resolve("expected.json").toFile());
        return golden.get("expected").properties().stream()
                .filter(expected -> expected.getValue().has("generation"))
                .map(expected -> DynamicTest.dynamicTest(expected.getKey(), () -> {
                    String[] names = expected.getKey().split("\\|", 2);
                    Path file = directory.resolve("templates").resolve(names[0] + ".jinja");
                    String source = Files.readString(file, StandardCharsets.UTF_8);
                    JsonNode conversation = golden.path("conversations").path(names[1]);
                    assertFoundAsMarked(source, conversation);
                }));
    }

    private static void assertFoundAsMarked(String source, JsonNode conversation) {
        Rendered byMarks = render(source, conversation);
        List<Span> marked = joined(byMarks.assistantSpans());
        List<Span> found = joined(render(unmarked(source), conversation).assistantSpans());
        String prompt = template(source)
                .render(conversation.get("messages"), conversation.get("tools"), true)
                .text();
        assertThat(found)
                .extracting(Span::end)
                .isEqualTo(marked.stream().map(Span::end).toList());
        for (int i = 0; i < found.size(); i++) {
            String promptMarkedToo =
                    byMarks.text().substring(marked.get(i).start(), found.get(i).start());
            assertThat(prompt.substring(Math.max(0, prompt.length() - 100))).contains(promptMarkedToo);
        }
    }

    private static String marked(String template) {
        return template.replace(
                        "{{ m.content }}<|im_end|>\n", "{% generation %}{{ m.content }}<|im_end|>\n{% endgeneration %}")
                .replace("{% for m in messages %}", "{% for m in messages %}{% if m.role == 'assistant' %}")
                .replace("{% endfor %}", "{% endif %}{% endfor %}");
    }

    private static String unmarked(String template) {
        return template.replaceAll("\\{%(-?) generation (-?)%\\}", "{%$1 if true $2%}")
                .replaceAll("\\{%(-?) endgeneration (-?)%\\}", "{%$1 endif $2%}");
    }

    private static Rendered render(String template, JsonNode conversation) {
        return template(template).render(conversation.get("messages"), conversation.get("tools"), false);
    }

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(source, TOKENS, Clock.systemUTC());
    }

    private static List<String> said(String template, String messages) {
        try {
            return pieces(render(template, JSON.createObjectNode().set("messages", JSON.readTree(messages))));
        } catch (IOException e) {
            throw new AssertionError("the test's own JSON is broken", e);
        }
    }

    private static List<String> pieces(Rendered rendered) {
        List<String> pieces = new ArrayList<>();
        rendered.assistantSpans().forEach(span -> pieces.add(rendered.text().substring(span.start(), span.end())));
        return pieces;
    }

    /** The spans, those that touch as one. */
    private static List<Span> joined(List<Span> spans) {
        List<Span> joined = new ArrayList<>();
        for (Span span : spans) {
            int last = joined.size() - 1;
            if (last >= 0 && joined.get(last).end() == span.start()) {
                joined.set(last, new Span(joined.get(last).start(), span.end()));
            } else {
                joined.add(span);
            }
        }
        return joined;
    }
}
