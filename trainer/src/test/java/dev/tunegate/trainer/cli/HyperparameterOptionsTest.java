package dev.tunegate.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.OpenApi;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Every hyperparameter of a job is an option of {@code train}, too. */
class HyperparameterOptionsTest {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final JsonNode PROPERTIES = OpenApi.schema("Hyperparameters").path("properties");

    @Test
    void everyHyperparameterIsAnOption() {
        assertThat(new CommandLine(new Example()).getCommandSpec().optionsMap().keySet())
                .containsExactlyInAnyOrderElementsOf(PROPERTIES
                        .propertyStream()
                        .map(Map.Entry::getKey)
                        .map(HyperparameterOptionsTest::option)
                        .toList());
    }

    @Test
    void everyOptionReachesItsHyperparameter() {
        ObjectNode given = JSON.createObjectNode();
        PROPERTIES
                .propertyStream()
                .forEach(property ->
                        given.set(property.getKey(), valid(property.getValue().at("/oneOf/1"))));
        Example command = new Example();
        String[] arguments = given.propertyStream()
                .map(entry -> option(entry.getKey()) + "="
                        + entry.getValue().toString().replaceAll("[\\[\\]\"]", ""))
                .toArray(String[]::new);

        new CommandLine(command).parseArgs(arguments);

        assertThat(command.options.request(TrainingMethod.DPO))
                .isEqualTo(HyperparameterRequest.parse(given, TrainingMethod.DPO));
    }

    /** A value that is not "auto". */
    private static JsonNode valid(JsonNode schema) {
        return switch (schema.path("type").textValue()) {
            case "boolean" -> JSON.getNodeFactory().booleanNode(true);
            case "array" -> JSON.createArrayNode().add("q_proj").add("v_proj");
            default ->
                schema.has("maximum")
                        ? schema.path("maximum")
                        : JSON.getNodeFactory()
                                .numberNode(schema.path("exclusiveMaximum").doubleValue() / 2);
        };
    }

    private static String option(String name) {
        return "--" + name.replace('_', '-');
    }

    @Command
    private static final class Example {
        @Mixin
        private final HyperparameterOptions options = new HyperparameterOptions();
    }
}
