package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/** jsonb columns as Jackson trees; statements take the same trees as text. */
final class JsonColumns {
    private JsonColumns() {}

    static @Nullable JsonNode get(Row row, String column) {
        Object value = row.getValue(column);
        if (value == null) {
            return null;
        }
        try {
            if (value instanceof JsonObject object) {
                return Json.MAPPER.readTree(object.encode());
            }
            if (value instanceof JsonArray array) {
                return Json.MAPPER.readTree(array.encode());
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Postgres sent JSON that is none, in column " + column, e);
        }
        throw new IllegalStateException("column " + column + " holds neither an object nor an array");
    }

    static @Nullable String text(@Nullable JsonNode json) {
        return json == null ? null : json.toString();
    }
}
