package dev.tunegate.gateway.http;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers what the HTTP decoder could not read, in the same shape as every other error. */
final class InvalidRequests {
    private static final Logger log = LoggerFactory.getLogger(InvalidRequests.class);

    private InvalidRequests() {}

    static void answer(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof PrematureChannelClosureException) {
            return; // its connection is gone, and nobody waits for an answer
        }
        ApiError error = error(cause);
        String requestId = ResponseHeaders.requestId();
        log.warn(
                "{} from {} is no HTTP: {}",
                requestId,
                request.remoteAddress(),
                ApiError.quoted(String.valueOf(cause.getMessage())));
        HttpServerResponse response = request.response();
        ResponseHeaders.put(response.headers(), requestId, 0, Caller.DEFAULT_PROJECT);
        response.setStatusCode(error.status())
                .putHeader("content-type", "application/json")
                .putHeader("connection", "close")
                .end(Responses.body(error))
                .eventually(() -> request.connection().close());
    }

    private static ApiError error(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return invalid(414, "The URL is too long.");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return invalid(431, "The request's headers are too large or too many.");
        }
        if (cause instanceof RequestDecoder.AmbiguousRequest) {
            return ApiError.notHttp(String.valueOf(cause.getMessage()));
        }
        return invalid(400, "The request is not valid HTTP.");
    }

    private static ApiError invalid(int status, String message) {
        return new ApiError(status, message, "invalid_request_error", null, null);
    }
}
