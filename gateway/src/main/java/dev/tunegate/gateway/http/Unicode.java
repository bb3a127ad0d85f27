package dev.tunegate.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/**
 * JSON can write half of a surrogate pair as an escape, which is no character: UTF-8 has no bytes for it, so what was
 * stored or sent on would be something else than what was asked for. (In names, the parser refuses it by itself.)
 */
final class Unicode {
    private Unicode() {}

    static void requireWellFormed(JsonNode json) {
        if (json.isTextual()) {
            requireWellFormed(json.textValue());
        }
        for (JsonNode element : json) {
            requireWellFormed(element);
        }
    }

    private static void requireWellFormed(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw ApiError.badRequest(
                    "We could not parse the JSON body of your request: it escapes half of a surrogate pair in '"
                            + ApiError.quoted(text) + "'.",
                    null);
        }
    }
}
