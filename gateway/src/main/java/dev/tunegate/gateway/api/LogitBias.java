package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import java.util.Map;

/** The bounds of a request's {@code logit_bias}, whoever answers it. Which tokens there are only that one knows. */
final class LogitBias {
    private static final String FIELD = "logit_bias";
    private static final int MOST_ENTRIES = 300;
    private static final int STRONGEST = 100;

    private LogitBias() {}

    static void check(ObjectNode request) {
        JsonNode bias = request.path(FIELD);
        if (bias.isMissingNode() || bias.isNull()) {
            return;
        }
        if (!bias.isObject()) {
            throw ApiError.badRequest("Invalid type for 'logit_bias': expected an object.", FIELD, "invalid_type");
        }
        if (bias.size() > MOST_ENTRIES) {
            throw ApiError.badRequest(
                    "Invalid 'logit_bias': too many properties. Expected an object with at most " + MOST_ENTRIES
                            + " properties, but got an object with " + bias.size() + " properties instead.",
                    FIELD,
                    "object_above_max_properties");
        }
        for (Map.Entry<String, JsonNode> entry : bias.properties()) {
            boolean isBound =
                    entry.getValue().isNumber() && Math.abs(entry.getValue().doubleValue()) <= STRONGEST;
            if (!isBound) {
                throw ApiError.badRequest(
                        "Invalid 'logit_bias': the value of '" + ApiError.quoted(entry.getKey())
                                + "' should be a number from -" + STRONGEST + " to " + STRONGEST + ".",
                        FIELD);
            }
        }
    }
}
