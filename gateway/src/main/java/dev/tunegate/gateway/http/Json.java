package dev.tunegate.gateway.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/** JSON as the API speaks it: snake_case, members in declared order, nulls written, nothing lenient in reading. */
public final class Json {
    /** No string is longer than the largest body: an image is one string. */
    private static final int LONGEST_STRING = 32 * 1024 * 1024;

    public static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(LONGEST_STRING)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.ALWAYS, JsonInclude.Include.ALWAYS))
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** So many bytes take about a millisecond; what takes longer is not done on the event loop, which has others to answer. */
    static final int LARGE = 256 * 1024;

    private static final String KEY = Json.class.getName();

    private Json() {}

    /** The request's JSON object. The server has read it, within its limits, before the operation runs. */
    public static ObjectNode body(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.get(KEY), "openapi.yaml names no JSON body");
    }

    static void keep(RoutingContext ctx, ObjectNode body) {
        ctx.put(KEY, body);
    }

    /** The value as it goes out. */
    public static Buffer bytes(Object value) {
        try {
            return Buffer.buffer(MAPPER.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no JSON for " + value.getClass(), e);
        }
    }

    /**
     * The value as it goes out, written beside the event loop where it is large.
     *
     * @param about how many bytes it will have
     */
    public static Future<Buffer> bytes(Vertx vertx, Object value, int about) {
        return about < LARGE ? Future.succeededFuture(bytes(value)) : vertx.executeBlocking(() -> bytes(value), false);
    }
}
