package dev.tunegate.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;

/** Faults in a request's fields, in the words of the live service: {@code invalid FIELD: VALUE, WHY}. */
public final class InvalidField {
    private InvalidField() {}

    public static ApiError of(String field, JsonNode value, String why) {
        String shown = value.isTextual() ? value.textValue() : value.toString();
        return ApiError.badRequest(
                "invalid " + ApiError.quoted(field) + ": " + ApiError.quoted(shown) + ", " + why,
                ApiError.quoted(field));
    }

    public static ApiError unknown(String field, JsonNode value) {
        return of(field, value, "extra inputs are not permitted");
    }

    public static ApiError missing(String field) {
        return ApiError.badRequest("Missing required parameter: '" + field + "'.", field, "missing_required_parameter");
    }
}
