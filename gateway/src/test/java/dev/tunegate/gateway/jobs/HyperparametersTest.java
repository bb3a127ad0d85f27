package dev.tunegate.gateway.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import dev.tunegate.gateway.Schemas;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Contract;
import dev.tunegate.gateway.http.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The gateway's reading of the schema Hyperparameters accepts exactly what a schema validator accepts. */
class HyperparametersTest {
    private static final JsonNode SCHEMA = Contract.load().schema("Hyperparameters");
    private static final JsonNode AUTO = HyperparameterRule.AUTO;

    @ParameterizedTest
    @MethodSource("names")
    void everyOneAcceptsWhatItsSchemaAccepts(String name) {
        Comparison same = new Comparison(SCHEMA, SCHEMA, name);
        assertThat(same.disagreements()).isEmpty();
        assertThat(same.values().filter(same::isValid)).hasSizeGreaterThan(1).contains(AUTO);
        assertThat(same.values().filter(value -> !same.isValid(value))).hasSizeGreaterThan(5);
    }

    /** Without this nobody would know whether the values above are near enough to the limits. */
    @ParameterizedTest
    @MethodSource("limits")
    void everyLimitThatIsAnotherInOneOfTheTwoIsNoticed(String name, String limit) {
        JsonNode changed = HyperparameterValues.withAnother(SCHEMA, limit);
        assertThat(new Comparison(changed, SCHEMA, name).disagreements()).isNotEmpty();
        assertThat(new Comparison(SCHEMA, changed, name).disagreements()).isNotEmpty();
        assertThat(new Comparison(changed, changed, name).disagreements()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("names")
    void unknownNamesAreRefusedByBoth(String name) {
        Comparison same = new Comparison(SCHEMA, SCHEMA, name);
        for (String unknown : List.of(name + "s", name.toUpperCase(Locale.ROOT), " " + name, "")) {
            JsonNode given = object(unknown, AUTO);
            assertThat(same.isAccepted(given)).as(unknown).isFalse();
            assertThat(same.validator().validate(given)).as(unknown).isNotEmpty();
        }
    }

    @Test
    void whatIsNoObjectIsRefusedByBoth() {
        Comparison same = new Comparison(SCHEMA, SCHEMA, "n_epochs");
        for (String json : List.of("null", "[]", "\"auto\"", "1", "true")) {
            JsonNode given = HyperparameterValues.read(json);
            assertThat(same.isAccepted(given)).as(json).isFalse();
            assertThat(same.validator().validate(given)).as(json).isNotEmpty();
        }
        assertThat(same.isAccepted(Json.MAPPER.createObjectNode())).isTrue();
    }

    private static Stream<String> names() {
        return SCHEMA.path("properties").properties().stream().map(Map.Entry::getKey);
    }

    private static Stream<Arguments> limits() {
        return names().flatMap(name -> HyperparameterValues.limits(SCHEMA, "/properties/" + name).stream()
                .map(limit -> arguments(name, limit)));
    }

    private static JsonNode object(String name, JsonNode value) {
        return HyperparameterValues.read(
                Json.MAPPER.createObjectNode().set(name, value).toString());
    }

    /** One document read by the gateway beside one read by a validator; the same one, unless a test has changed it. */
    private record Comparison(Hyperparameters rules, JsonSchema validator, String name, String method) {
        Comparison(JsonNode ofRules, JsonNode ofValidator, String name) {
            this(
                    Hyperparameters.of(ofRules),
                    Schemas.of(ofValidator),
                    name,
                    SCHEMA.path("properties").path(name).path("x-method").asText("supervised"));
        }

        Stream<JsonNode> values() {
            return HyperparameterValues.around(SCHEMA.path("properties").path(name)).stream();
        }

        List<String> disagreements() {
            return values().filter(value -> isAccepted(object(name, value)) != isValid(value))
                    .map(value -> name + ": " + value + (isValid(value) ? " is refused" : " is accepted"))
                    .toList();
        }

        boolean isValid(JsonNode value) {
            return validator.validate(object(name, value)).isEmpty();
        }

        /** Where it stands makes no difference. */
        boolean isAccepted(JsonNode given) {
            boolean ofMethod = isMerged(given, null);
            assertThat(isMerged(null, given)).isEqualTo(ofMethod);
            return ofMethod;
        }

        private boolean isMerged(@Nullable JsonNode ofMethod, @Nullable JsonNode topLevel) {
            try {
                rules.merge(method, ofMethod, topLevel);
                return true;
            } catch (ApiError e) {
                assertThat(e.status()).isEqualTo(400);
                return false;
            }
        }
    }
}
