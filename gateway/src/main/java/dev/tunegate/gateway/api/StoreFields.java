package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.capture.CapturedRequest;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.ResponseHeaders;
import dev.tunegate.gateway.jobs.Metadata;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a chat request says of keeping its answer: OpenAI's `store` and `metadata`, and our `dataset`, which is also a
 * header.
 *
 * @param isAsked whether the answer is to be kept
 * @param wereThere whether the request has become another by taking them out
 * @param dataset null for none
 * @param metadata empty for none
 */
record StoreFields(
        boolean isAsked, boolean wereThere, @Nullable String dataset, ObjectNode metadata) {
    static final String HEADER = "X-Tunegate-Dataset";

    private static final String STORE = "store";
    private static final String METADATA = "metadata";
    private static final String DATASET = "dataset";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /**
     * Takes these fields out of a request whose answer is to be kept, so that no host that answers it keeps it, too.
     * Any other request stays as it is.
     */
    static StoreFields take(RoutingContext ctx, ObjectNode request) {
        JsonNode store = request.path(STORE);
        if (!isAbsent(store) && !store.isBoolean()) {
            throw InvalidField.of(STORE, store, "input should be true or false");
        }
        String dataset = dataset(request.path(DATASET), ctx.request().getHeader(HEADER));
        if (dataset != null && store.isBoolean() && !store.booleanValue()) {
            throw ApiError.badRequest(
                    "'dataset' (or the header " + HEADER + ") files an answer that is kept: leave it out, or ask for"
                            + " \"store\": true.",
                    DATASET);
        }
        boolean wereThere = request.remove(DATASET) != null;
        if (dataset == null && !store.asBoolean()) {
            return new StoreFields(false, wereThere, null, Json.MAPPER.createObjectNode());
        }
        ObjectNode metadata = metadata(request.get(METADATA));
        wereThere |= request.remove(STORE) != null;
        wereThere |= request.remove(METADATA) != null;
        return new StoreFields(true, wereThere, dataset, metadata);
    }

    /** @param chat without these fields; what is done to it later does not matter */
    CapturedRequest request(RoutingContext ctx, ObjectNode chat) {
        ObjectNode sent = Json.MAPPER.createObjectNode();
        sent.setAll(chat);
        return new CapturedRequest(Caller.of(ctx).project(), ResponseHeaders.requestId(ctx), dataset, metadata, sent);
    }

    static ObjectNode metadata(@Nullable JsonNode sent) {
        if (sent == null || isAbsent(sent) || !(Metadata.check(sent) instanceof ObjectNode metadata)) {
            return Json.MAPPER.createObjectNode();
        }
        if (metadata.toString().contains("\\u0000")) {
            throw InvalidField.of(METADATA, metadata, "the character U+0000 cannot be stored");
        }
        return metadata;
    }

    private static @Nullable String dataset(JsonNode field, @Nullable String header) {
        if (isAbsent(field)) {
            return header == null ? null : checked(header, "the header " + HEADER);
        }
        if (!field.isTextual()) {
            throw InvalidField.of(DATASET, field, "input should be a string");
        }
        String name = checked(field.textValue(), "the field");
        if (header != null && !header.equals(name)) {
            throw ApiError.badRequest(
                    "'dataset' is '" + name + "', but the header " + HEADER + " is '" + ApiError.quoted(header)
                            + "'. Give one of them, or both the same.",
                    DATASET);
        }
        return name;
    }

    private static String checked(String name, String where) {
        if (!NAME.matcher(name).matches()) {
            throw ApiError.badRequest(
                    "invalid dataset: " + ApiError.quoted(name) + ", " + where + " should be a name of 1 to 64 letters,"
                            + " digits, '.', '_' and '-' that begins with a letter or digit",
                    DATASET);
        }
        return name;
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }
}
