package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import java.util.List;

/**
 * Fields by which a request could say to which host it goes, or with which key: libraries that talk to several hosts take
 * them. Passed on, they would have an upstream that is such a library send our key wherever a client likes.
 */
final class ForeignFields {
    private static final List<String> REFUSED = List.of(
            "api_base",
            "base_url",
            "api_key",
            "api_type",
            "api_version",
            "organization",
            "headers",
            "extra_headers",
            "default_headers",
            "proxy");

    private ForeignFields() {}

    static void refuse(ObjectNode request) {
        for (String field : REFUSED) {
            if (request.has(field)) {
                throw ApiError.badRequest(
                        "The field '" + field + "' is not taken: where a model is answered, and with which key, the"
                                + " gateway's configuration says.",
                        field);
            }
        }
    }
}
