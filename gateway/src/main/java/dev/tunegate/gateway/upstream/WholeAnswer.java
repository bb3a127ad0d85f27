package dev.tunegate.gateway.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** An answer that is no stream, as it came in. */
public record WholeAnswer(int status, MultiMap headers, Buffer body) {
    /** The most bytes that are read: some hundred thousand tokens with all their log probabilities, more metrics than any job has. */
    public static final int LONGEST = 64 * 1024 * 1024;

    /**
     * Reads it to its end, or to the limit.
     *
     * @param limit in bytes
     * @param tooLong the error for an answer beyond the limit
     */
    public static Future<WholeAnswer> read(
            HttpClientResponse response, int limit, IntFunction<? extends Throwable> tooLong) {
        return read(response, response, limit, tooLong);
    }

    /**
     * The same of a body that somebody watches.
     *
     * @param bytes what comes in of the response
     */
    public static Future<WholeAnswer> read(
            HttpClientResponse response,
            ReadStream<Buffer> bytes,
            int limit,
            IntFunction<? extends Throwable> tooLong) {
        Promise<WholeAnswer> read = Promise.promise();
        Buffer body = Buffer.buffer();
        bytes.exceptionHandler(read::tryFail);
        bytes.endHandler(end -> read.tryComplete(new WholeAnswer(response.statusCode(), response.headers(), body)));
        bytes.handler(chunk -> {
            if (body.length() + chunk.length() <= limit) {
                body.appendBuffer(chunk);
            } else if (read.tryFail(tooLong.apply(limit))) {
                response.request().reset();
            }
        });
        return read.future();
    }

    /** The same answer with another body. */
    public WholeAnswer withBody(UnaryOperator<Buffer> change) {
        return new WholeAnswer(status, headers, change.apply(body));
    }

    /** The body as JSON, a missing node where it is none. */
    public JsonNode json() {
        try {
            return Json.MAPPER.readTree(body.getBytes());
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** The content type in small letters, without parameters; empty where there is none. */
    public String contentType() {
        String type = headers.get("content-type");
        return type == null ? "" : type.replaceAll(";.*", "").strip().toLowerCase(Locale.ROOT);
    }
}
