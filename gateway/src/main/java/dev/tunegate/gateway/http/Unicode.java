package dev.tunegate.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * JSON can write half of a surrogate pair as an escape, which is no character: UTF-8 has no bytes for it, so what was
 * stored or sent on would be something else than what was asked for. (In names, the parser refuses it by itself.)
 */
final class Unicode {
    private Unicode() {}

    /** Goes as deep as the parser has let the value be. */
    static void requireWellFormed(JsonNode json) {
        if (json.isTextual()) {
            requireWellFormed(json.textValue());
        }
        for (JsonNode element : json) {
            requireWellFormed(element);
        }
    }

    private static void requireWellFormed(String text) {
        if (!isWellFormed(text)) {
            throw ApiError.badRequest(
                    "We could not parse the JSON body of your request: it escapes half of a surrogate pair in '"
                            + ApiError.quoted(text) + "'.",
                    null);
        }
    }

    /** Whether each half of a pair has its other half. */
    static boolean isWellFormed(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                i++;
                if (Character.isLowSurrogate(c) || i == length || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}
