package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.generation.SamplingOptions;
import dev.tunegate.trainer.generation.SamplingOptions.Scores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a chat request that say how the answer is drawn. */
final class SamplingFields {
    private static final int MOST_STOPS = 4;
    private static final int MOST_ALTERNATIVES = 20;
    private static final int MOST_BIASES = 300;

    private SamplingFields() {}

    static SamplingOptions read(Fields fields, @Nullable Integer maxTokens) {
        Long seed = fields.wide("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        return new SamplingOptions(
                fields.decimal("temperature", 0, 2, 1),
                fields.decimal("top_p", 0, 1, 1),
                fields.decimal("presence_penalty", -2, 2, 0),
                fields.decimal("frequency_penalty", -2, 2, 0),
                logitBias(fields),
                seed == null ? ThreadLocalRandom.current().nextLong() : seed,
                maxTokens == null ? Integer.MAX_VALUE : maxTokens,
                stops(fields),
                scores(fields));
    }

    static @Nullable Integer maxTokens(Fields fields) {
        if (fields.value("max_tokens") != null && fields.value("max_completion_tokens") != null) {
            throw RequestError.invalid(
                    "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
                    "max_tokens",
                    "invalid_parameter_combination");
        }
        Integer legacy = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
        return legacy != null ? legacy : fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
    }

    private static List<String> stops(Fields fields) {
        JsonNode stop = fields.value("stop");
        if (stop == null) {
            return List.of();
        }
        if (!stop.isTextual() && !stop.isArray()) {
            throw Fields.wrongType("stop", "one of a string or array of strings", stop);
        }
        List<String> stops = new ArrayList<>();
        if (stop.isTextual()) {
            stops.add(stop.textValue());
        }
        for (int i = 0; i < stop.size(); i++) {
            stops.add(Fields.text(stop.get(i), "stop[%d]".formatted(i)));
        }
        if (stops.size() > MOST_STOPS) {
            throw RequestError.invalid(
                    "Invalid 'stop': array too long. Expected an array with maximum length %d, but got an array with length %d instead."
                            .formatted(MOST_STOPS, stops.size()),
                    "stop",
                    "array_above_max_length");
        }
        if (stops.contains("")) {
            throw RequestError.invalid(
                    "Invalid 'stop': string too short. Expected a string with minimum length 1, but got an empty string instead.",
                    "stop",
                    "string_below_min_length");
        }
        return List.copyOf(stops);
    }

    private static Map<Integer, Double> logitBias(Fields fields) {
        JsonNode bias = fields.value("logit_bias");
        if (bias == null) {
            return Map.of();
        }
        if (!bias.isObject()) {
            throw Fields.wrongType("logit_bias", "an object", bias);
        }
        if (bias.size() > MOST_BIASES) {
            throw RequestError.invalid(
                    "Invalid 'logit_bias': too many properties. Expected an object with at most %d properties, but got an object with %d properties instead."
                            .formatted(MOST_BIASES, bias.size()),
                    "logit_bias",
                    "object_above_max_properties");
        }
        Map<Integer, Double> biases = new HashMap<>();
        bias.properties().forEach(entry -> {
            if (!entry.getKey().matches("\\d{1,9}")) {
                throw RequestError.invalid(
                        "Invalid key in 'logit_bias': %s. Expected a token id.".formatted(entry.getKey()),
                        "logit_bias",
                        null);
            }
            biases.put(
                    Integer.valueOf(entry.getKey()),
                    Fields.decimal(entry.getValue(), "logit_bias." + entry.getKey(), -100, 100));
        });
        return Map.copyOf(biases);
    }

    private static Scores scores(Fields fields) {
        boolean wanted = fields.flag("logprobs");
        Integer alternatives = fields.integer("top_logprobs", 0, MOST_ALTERNATIVES);
        if (alternatives != null && !wanted) {
            throw RequestError.invalid(
                    "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs", null);
        }
        return wanted ? new Scores(true, alternatives == null ? 0 : alternatives) : Scores.NONE;
    }
}
