package dev.tunegate.gateway.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tunegate.gateway.http.Contract;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hyperparameter is added in openapi.yaml alone, in the forms that the gateway can read. */
class HyperparameterSchemaTest {
    private static final JsonNode SCHEMA = Contract.load().schema("Hyperparameters");

    @Test
    void aNewOneNeedsNothingButItsSchema() {
        Hyperparameters known = Hyperparameters.of(with("lr_schedule: {type: string, enum: [auto, linear, cosine]}"));
        JsonNode given = HyperparameterValues.read("{\"lr_schedule\": \"cosine\", \"lora_r\": 8}");
        assertThat(known.merge("supervised", given, null))
                .hasToString("{\"n_epochs\":\"auto\",\"batch_size\":\"auto\",\"learning_rate_multiplier\":\"auto\","
                        + "\"lora_r\":8,\"lr_schedule\":\"cosine\"}");
    }

    @Test
    void oneOfAMethodIsShownWithItAndUnknownToOthers() {
        Hyperparameters known =
                Hyperparameters.of(with("margin: {x-method: dpo, oneOf: [{const: auto}, {type: boolean}]}"));
        assertThat(known.merge("dpo", null, null).path("margin").asText()).isEqualTo("auto");
        assertThat(known.merge("supervised", null, null).has("margin")).isFalse();
        assertThatThrownBy(() -> known.merge("supervised", null, HyperparameterValues.read("{\"margin\": true}")))
                .hasMessage("invalid margin: true, extra inputs are not permitted");
    }

    @Test
    void anAutoOfAnotherHostSaysNothing() {
        Hyperparameters known = Hyperparameters.of(SCHEMA);
        JsonNode theirs =
                HyperparameterValues.read("{\"n_epochs\": \"auto\", \"batch_size\": 4.0, \"lora_r\": -1, \"x\": 1}");
        assertThat(known.understood(theirs)).hasToString("{\"batch_size\":4}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{type: number, minimum: 0, exclusiveMaximum: 2.5}          | a number from 0 to less than 2.5",
                "{type: number, minimum: 0, maximum: 2}                     | a number from 0 to 2",
                "{type: number, exclusiveMinimum: 0, maximum: 1000000}      | a number above 0 and at most 1000000",
                "{type: number, exclusiveMinimum: -1, exclusiveMaximum: 2}  | a number above -1 and less than 2",
                "{type: integer, minimum: -1, maximum: 9}                   | an integer from -1 to 9",
                "{type: string, enum: [linear, cosine]}                     | `linear` or `cosine`",
                "{type: array, minItems: 0, maxItems: 2, uniqueItems: true, items: {type: string, pattern: ^a$}} | a list of different strings",
            })
    void anErrorSaysWhatIsAllowed(String form, String allowed) {
        Hyperparameters known = Hyperparameters.of(with("mine: {oneOf: [{const: auto}, " + form + "]}"));
        assertThatThrownBy(() -> known.merge("supervised", HyperparameterValues.read("{\"mine\": -2}"), null))
                .hasMessage("invalid mine: -2, input should be \"auto\" or " + allowed.replace('`', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{oneOf: [{const: auto}, {type: integer, minimum: 1}]}                            | exactly the keywords type, minimum, maximum",
                "{oneOf: [{const: auto}, {type: integer, minimum: 1, maximum: 8, multipleOf: 2}]} | exactly the keywords type, minimum, maximum",
                "{oneOf: [{const: auto}, {type: integer, minimum: 0.5, maximum: 8}]}              | an integer as minimum",
                "{oneOf: [{const: auto}, {type: number, minimum: 0, exclusiveMinimum: 1, maximum: 8}]} | exactly the keywords type, exclusiveMinimum, maximum",
                "{oneOf: [{const: auto}, {type: number, minimum: a, maximum: 8}]}                 | a number as minimum",
                "{oneOf: [{const: auto}, {type: string, pattern: a}]}                             | exactly the keywords type, enum",
                "{oneOf: [{const: auto}, {type: object}]}                                         | const or one of the types",
                "{oneOf: [{const: auto}, {$ref: x}]}                                              | const or one of the types",
                "{anyOf: [{const: auto}, {type: boolean}]}                                        | const or one of the types",
                "{oneOf: [{const: auto}, {const: 1}]}                                             | a string as const",
                "{oneOf: [{const: auto}, {type: string, enum: [a, 1]}]}                           | strings in enum",
                "{oneOf: [{type: boolean}]}                                                       | the value auto",
                "{oneOf: [{const: auto}], not: {type: number}}                                    | exactly the keywords oneOf",
                "{x-method: [dpo], oneOf: [{const: auto}]}                                        | a string as x-method",
                "{oneOf: [{const: auto}, {type: array, minItems: 1, maxItems: 2, uniqueItems: true, items: {type: string, pattern: a}}]} | a pattern from ^ to $",
                "{oneOf: [{const: auto}, {type: array, minItems: 1, maxItems: 2, uniqueItems: false, items: {type: string, pattern: ^a$}}]} | uniqueItems: true",
                "{oneOf: [{const: auto}, {type: array, minItems: 1, maxItems: 2, uniqueItems: true, items: {type: number, pattern: ^a$}}]} | items that are strings",
            })
    void aSchemaThatItCannotReadStopsTheGateway(String schema, String wanted) {
        assertThatThrownBy(() -> Hyperparameters.of(with("mine: " + schema)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("openapi.yaml, Hyperparameters.mine: the gateway reads " + wanted);
    }

    @Test
    void soDoesOneThatLetsUnknownNamesIn() {
        ObjectNode open = SCHEMA.deepCopy();
        open.put("additionalProperties", true);
        assertThatThrownBy(() -> Hyperparameters.of(open))
                .hasMessageContaining("reads additionalProperties: false here");
        open.remove("additionalProperties");
        assertThatThrownBy(() -> Hyperparameters.of(open))
                .hasMessageContaining("type, additionalProperties, properties");
    }

    /** The schema with one more property, written in YAML. */
    private static JsonNode with(String property) {
        ObjectNode schema = SCHEMA.deepCopy();
        try {
            ((ObjectNode) schema.path("properties")).setAll((ObjectNode) new YAMLMapper().readTree(property));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return schema;
    }
}
