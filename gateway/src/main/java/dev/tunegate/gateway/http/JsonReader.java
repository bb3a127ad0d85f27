package dev.tunegate.gateway.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Reads requests' JSON objects within limits, large ones beside the event loop, which has everybody else to answer. */
final class JsonReader {
    private static final ObjectReader READER =
            Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final WorkerExecutor threads;

    JsonReader(Vertx vertx) {
        // Half of the processors at most, so that the event loop always has one.
        int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        threads = vertx.createSharedWorkerExecutor("tunegate-json", half);
    }

    /** @param lease what the tree takes in memory is taken from it */
    Future<ObjectNode> read(Buffer body, MemoryBudget.Lease lease) {
        return body.length() < Json.LARGE
                ? Future.succeededFuture(parse(body, lease))
                : threads.executeBlocking(() -> parse(body, lease), false);
    }

    static ObjectNode parse(Buffer body, MemoryBudget.Lease lease) {
        if (body.length() == 0) {
            throw ApiError.badRequest("The request needs a body: a JSON object.", null);
        }
        try (JsonParser parser = new CountedParser(Json.MAPPER.createParser(body.getBytes()), lease)) {
            JsonNode json = READER.readTree(parser);
            if (parser.nextToken() != null) {
                throw JsonFault.at(parser.currentTokenLocation(), "something follows after its end");
            }
            if (!(json instanceof ObjectNode object)) {
                throw ApiError.badRequest("The request's body must be a JSON object.", null);
            }
            Unicode.requireWellFormed(object);
            return object;
        } catch (JsonProcessingException e) {
            throw JsonFault.of(e);
        } catch (IOException e) { // Jackson's word for bytes that are no UTF-8
            throw JsonFault.at(null, "its text is not valid UTF-8");
        }
    }
}
