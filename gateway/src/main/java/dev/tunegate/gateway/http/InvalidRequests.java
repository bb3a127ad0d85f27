package dev.tunegate.gateway.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;

/** Answers what the HTTP decoder could not read, in the same shape as every other error. */
final class InvalidRequests {
    private InvalidRequests() {}

    static void answer(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        ApiError error;
        if (cause instanceof TooLongHttpLineException) {
            error = invalid(414, "The URL is too long.");
        } else if (cause instanceof TooLongHttpHeaderException) {
            error = invalid(431, "The request's headers are too large.");
        } else {
            error = invalid(400, "The request is not valid HTTP.");
        }
        var response = request.response();
        ResponseHeaders.put(response.headers(), ResponseHeaders.requestId(), 0, Caller.DEFAULT_PROJECT);
        response.setStatusCode(error.status())
                .putHeader("content-type", "application/json")
                .putHeader("connection", "close")
                .end(Responses.body(error))
                .eventually(() -> request.connection().close());
    }

    private static ApiError invalid(int status, String message) {
        return new ApiError(status, message, "invalid_request_error", null, null);
    }
}
