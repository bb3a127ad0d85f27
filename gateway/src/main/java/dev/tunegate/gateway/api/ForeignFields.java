package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.ExtraFields;
import dev.tunegate.gateway.http.ApiError;
import java.util.Iterator;

/** Refuses the fields that nobody may send, whoever answers. */
final class ForeignFields {
    private ForeignFields() {}

    static void refuse(ObjectNode request) {
        for (Iterator<String> names = request.fieldNames(); names.hasNext(); ) {
            String field = names.next();
            if (ExtraFields.NEVER.contains(field)) {
                throw ApiError.badRequest(
                        "The field '" + field + "' is not taken: where a model is answered, and with which key, the"
                                + " gateway's configuration says.",
                        field);
            }
        }
    }
}
