package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import dev.tunegate.trainer.OpenApi;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The trainer takes of every hyperparameter what openapi.yaml says, no more and no less. */
class HyperparameterContractTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode PROPERTIES = OpenApi.schema("Hyperparameters").path("properties");
    private static final JsonSchema SCHEMA = OpenApi.validator(OpenApi.schema("Hyperparameters"));
    /** The one that is not for every method. */
    private static final String DPO_ONLY = "beta";

    static Stream<String> names() {
        return PROPERTIES.propertyStream().map(Map.Entry::getKey);
    }

    @Test
    void namesAreTheSchemas() {
        Set<String> expected = new LinkedHashSet<>(names().toList());

        assertThat(components(HyperparameterRequest.class))
                .filteredOn(name -> !name.equals("method"))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(JSON.valueToTree(parse(JSON.createObjectNode(), TrainingMethod.DPO)
                                .resolve(100, new ModelFacts("LlamaForCausalLM", 64, 512, false)))
                        .fieldNames())
                .toIterable()
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest
    @MethodSource("names")
    void acceptsWhatTheSchemaAccepts(String name) throws Exception {
        List<String> accepted = new ArrayList<>();
        List<String> otherwise = new ArrayList<>();
        for (String probe : SchemaProbes.of(PROPERTIES.path(name))) {
            ObjectNode given = JSON.createObjectNode();
            given.set(name, JSON.readTree(probe));
            boolean asTheSchemaSays = SCHEMA.validate(given).isEmpty();
            if (asTheSchemaSays) {
                accepted.add(probe);
            }
            for (TrainingMethod method : methods(name)) {
                if (accepts(given, method) != asTheSchemaSays) {
                    otherwise.add("%s with %s, which the schema %s"
                            .formatted(given, method, asTheSchemaSays ? "accepts" : "refuses"));
                }
            }
        }

        assertThat(otherwise).isEmpty();
        assertThat(accepted).hasSizeGreaterThan(2);
    }

    /** Null is no value of the schema's; the trainer takes it for "auto", as it does a name that is left out. */
    @ParameterizedTest
    @MethodSource("names")
    void nullIsAuto(String name) {
        ObjectNode given = JSON.createObjectNode().putNull(name);

        assertThat(SCHEMA.validate(given)).isNotEmpty();
        assertThat(parse(given, TrainingMethod.DPO))
                .isEqualTo(parse(JSON.createObjectNode(), TrainingMethod.DPO))
                .isEqualTo(parse(JSON.createObjectNode().put(name, "auto"), TrainingMethod.DPO));
    }

    @ParameterizedTest
    @MethodSource("names")
    void otherNamesAreRefused(String name) {
        for (String other : List.of(name + "s", name.replace("_", "") + "x", name.toUpperCase(Locale.ROOT))) {
            ObjectNode given = JSON.createObjectNode().put(other, "auto");

            assertThat(SCHEMA.validate(given)).isNotEmpty();
            assertThatThrownBy(() -> parse(given, TrainingMethod.DPO))
                    .hasMessage("invalid %s: \"auto\", extra inputs are not permitted", other);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void autoIsWhatTheSchemaSays(String name) throws Exception {
        Map<String, JsonNode> resolved = new HashMap<>();
        for (int examples : List.of(100, 10_000)) {
            ModelFacts model = new ModelFacts("LlamaForCausalLM", examples, examples, false);
            JsonNode value = JSON.valueToTree(
                            parse(JSON.createObjectNode(), TrainingMethod.DPO).resolve(examples, model))
                    .path(name);
            resolved.put("of " + examples, value);
        }

        if (PROPERTIES.path(name).has("x-auto")) {
            double auto = PROPERTIES.path(name).path("x-auto").doubleValue();
            assertThat(resolved.values())
                    .allSatisfy(value -> assertThat(value.doubleValue()).isEqualTo(auto));
            assertThat(Double.parseDouble(defaultValue(name))).isEqualTo(auto);
        } else {
            assertThat(resolved.values())
                    .as("a number that depends on nothing is named x-auto")
                    .satisfiesAnyOf(
                            values -> assertThat(values).allMatch(JsonNode::isNull),
                            values -> assertThat(values).doesNotHaveDuplicates());
            assertThat(defaultValue(name)).isEmpty();
        }
    }

    private static String defaultValue(String name) {
        return Arrays.stream(Hyperparameters.class.getRecordComponents())
                .map(component -> component.getAccessor().getAnnotation(JsonProperty.class))
                .filter(property -> property.value().equals(name))
                .findFirst()
                .orElseThrow()
                .defaultValue();
    }

    private static List<TrainingMethod> methods(String name) {
        return name.equals(DPO_ONLY) ? List.of(TrainingMethod.DPO) : List.of(TrainingMethod.values());
    }

    private static boolean accepts(JsonNode given, TrainingMethod method) {
        try {
            parse(given, method);
            return true;
        } catch (InvalidHyperparameter e) {
            return false;
        }
    }

    private static HyperparameterRequest parse(JsonNode given, TrainingMethod method) {
        return HyperparameterRequest.parse(given, method);
    }

    private static List<String> components(Class<?> record) {
        SnakeCaseStrategy names = new SnakeCaseStrategy();
        return Arrays.stream(record.getRecordComponents())
                .map(component -> names.translate(component.getName()))
                .toList();
    }
}
