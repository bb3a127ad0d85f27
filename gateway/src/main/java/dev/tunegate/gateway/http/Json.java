package dev.tunegate.gateway.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/** JSON as the API speaks it: snake_case, members in declared order, nulls written, nothing lenient in reading. */
public final class Json {
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** The request's JSON object. The server has read the body, within its limit, before the operation runs. */
    public static ObjectNode body(RoutingContext ctx) {
        Buffer bytes = RequestBody.of(ctx);
        if (bytes.length() == 0) {
            throw ApiError.badRequest("The request needs a body: a JSON object.", null);
        }
        JsonNode json;
        try {
            json = MAPPER.readTree(bytes.getBytes());
        } catch (JsonProcessingException e) {
            throw notJson(e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory cannot fail", e);
        }
        if (json instanceof ObjectNode object) {
            Unicode.requireWellFormed(object);
            return object;
        }
        throw ApiError.badRequest("The request's body must be a JSON object.", null);
    }

    /** The value as it goes out. */
    public static Buffer bytes(Object value) {
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON for " + value.getClass(), e);
        }
    }

    private static ApiError notJson(JsonProcessingException e) {
        var where = e.getLocation();
        String at = where == null ? "" : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
        // The binder's own complaint speaks of Java classes; the parser's speaks of JSON.
        String why = e instanceof MismatchedInputException
                ? "something follows after its end"
                : ApiError.quoted(e.getOriginalMessage());
        return ApiError.badRequest("We could not parse the JSON body of your request" + at + ": " + why, null);
    }
}
