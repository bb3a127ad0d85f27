package dev.tunegate.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.jinja.Rendering;
import dev.tunegate.trainer.text.jinja.Template;
import dev.tunegate.trainer.text.jinja.TemplateError;
import dev.tunegate.trainer.text.jinja.Value;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Renders conversations with real templates and compares with what Hugging Face transformers renders. The directory
 * holds {@code templates/NAME.jinja} and {@code expected.json}: conversations by name, and for each
 * {@code template|conversation} the text and the generation spans (in code points), or that there is an error. Give
 * another directory of this form with {@code -Dtemplates.dir=DIR}.
 */
class ChatTemplateGoldenTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock THE_DAY_IT_WAS_MADE = Clock.fixed(Instant.parse("2024-07-26T12:00:00Z"), ZoneOffset.UTC);
    private static final Map<String, Value> SPECIAL_TOKENS =
            Map.of("bos_token", new Value.Text("<bos>", false), "eos_token", new Value.Text("<eos>", false));

    @TestFactory
    Stream<DynamicTest> rendersAsHuggingFaceDoes() throws IOException, URISyntaxException {
        Path directory = directory();
        JsonNode golden = JSON.readTree(directory.resolve("expected.json").toFile());
        assertThat(golden.path("expected").size()).as("cases in " + directory).isPositive();
        return golden.get("expected").properties().stream()
                .map(expected -> DynamicTest.dynamicTest(
                        expected.getKey(), () -> check(directory, golden, expected.getKey(), expected.getValue())));
    }

    private static Path directory() throws URISyntaxException {
        String given = System.getProperty("templates.dir");
        URL own = Objects.requireNonNull(ChatTemplateGoldenTest.class.getResource("/chat-templates"));
        return given != null ? Path.of(given) : Path.of(own.toURI());
    }

    private static void check(Path directory, JsonNode golden, String name, JsonNode expected) throws IOException {
        String[] names = name.split("\\|", 2);
        JsonNode conversation = golden.path("conversations").path(names[1]);
        if (expected.has("error")) {
            assertThatThrownBy(() -> render(directory, names[0], conversation)).isInstanceOf(TemplateError.class);
            return;
        }
        Rendering rendering = render(directory, names[0], conversation);
        assertThat(rendering.text()).isEqualTo(expected.get("text").textValue());
        if (expected.has("generation")) {
            assertThat(spans(rendering)).isEqualTo(spans(expected.get("generation")));
        }
    }

    private static Rendering render(Path directory, String template, JsonNode conversation) throws IOException {
        Path file = directory.resolve("templates").resolve(template + ".jinja");
        String source = Files.readString(file, StandardCharsets.UTF_8);
        Map<String, Value> variables = new HashMap<>(SPECIAL_TOKENS);
        JsonNode tools = conversation.get("tools");
        variables.put("tools", tools == null ? Value.None.NONE : Value.of(tools));
        variables.put("documents", Value.None.NONE);
        List<Value> messages = new ArrayList<>();
        conversation.get("messages").forEach(message -> messages.add(Value.of(message)));
        return new Turns(Template.parse(source, THE_DAY_IT_WAS_MADE), variables, messages, Stop.NEVER)
                .render(messages, conversation.path("add_generation_prompt").asBoolean());
    }

    private static List<List<Integer>> spans(Rendering rendering) {
        List<List<Integer>> spans = new ArrayList<>();
        for (Rendering.Part part : rendering.generated()) {
            spans.add(List.of(
                    rendering.text().codePointCount(0, part.start()),
                    rendering.text().codePointCount(0, part.end())));
        }
        return spans;
    }

    private static List<List<Integer>> spans(JsonNode expected) {
        List<List<Integer>> spans = new ArrayList<>();
        expected.forEach(
                span -> spans.add(List.of(span.get(0).intValue(), span.get(1).intValue())));
        return spans;
    }
}
