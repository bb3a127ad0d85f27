package dev.tunegate.gateway.http;

import io.vertx.core.http.HttpMethod;

/**
 * One operation of openapi.yaml, as far as the server needs to know it.
 *
 * @param largestBody the most bytes that a body may have which is read into memory
 */
record Endpoint(
        String operationId,
        HttpMethod method,
        PathTemplate path,
        Access access,
        RequestContent content,
        long largestBody) {

    /** Who may call. */
    enum Access {
        EVERYONE,
        API_KEY,
        WORKER_TOKEN
    }

    /** What the server does with the request's body before the operation runs. */
    enum RequestContent {
        /** Drops it: SDKs send empty bodies where none is needed. */
        NONE,
        /** Reads it into memory, within a limit. */
        JSON,
        /** Leaves the request paused, for the operation to stream. */
        STREAM
    }
}
