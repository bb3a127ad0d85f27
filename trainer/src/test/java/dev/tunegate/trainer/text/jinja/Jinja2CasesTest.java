package dev.tunegate.trainer.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Small templates of our own, each with what Jinja2 3.1.6 made of it: the text, or that it is an error. Jinja2 was set
 * up as transformers does it (immutable sandbox, {@code trim_blocks}, {@code lstrip_blocks}, loop controls, its
 * {@code tojson}), on 2024-07-26 at noon.
 */
class Jinja2CasesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock NOON = Clock.fixed(Instant.parse("2024-07-26T12:00:00Z"), ZoneOffset.UTC);

    @TestFactory
    Stream<DynamicTest> rendersAsJinja2Does() throws IOException {
        JsonNode recorded;
        try (InputStream resource = Jinja2CasesTest.class.getResourceAsStream("/jinja/cases.json")) {
            recorded = JSON.readTree(resource);
        }
        Map<String, Value> variables = new HashMap<>();
        recorded.get("variables").properties().forEach(v -> variables.put(v.getKey(), Value.of(v.getValue())));
        JsonNode cases = recorded.get("cases");
        assertThat(cases.size()).isGreaterThan(100);
        return IntStream.range(0, cases.size())
                .mapToObj(cases::get)
                .map(c -> DynamicTest.dynamicTest(c.get("template").textValue(), () -> check(c, variables)));
    }

    private static void check(JsonNode recorded, Map<String, Value> variables) {
        String source = recorded.get("template").textValue();
        if (recorded.has("error")) {
            assertThatThrownBy(() -> render(source, variables)).isInstanceOf(TemplateError.class);
        } else {
            assertThat(render(source, variables)).isEqualTo(recorded.get("text").textValue());
        }
    }

    private static String render(String source, Map<String, Value> variables) {
        return Template.parse(source, NOON).render(variables, List.of()).text();
    }
}
