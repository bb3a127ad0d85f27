package dev.tunegate.gateway.jobs;

import org.jspecify.annotations.Nullable;

/**
 * Who asks for a job and how to tell the request from another: an SDK that saw no answer asks again.
 *
 * @param caller the key that was used
 * @param sha256 of the request's body
 * @param idempotencyKey chosen by the client, null where it sent none
 * @param isRetry whether the SDK says that it has asked before
 */
public record Requester(
        String project,
        String caller,
        String sha256,
        @Nullable String idempotencyKey,
        boolean isRetry) {

    /** What two requests must not pass at the same time. */
    String lock() {
        return project + '\n' + caller + '\n' + (idempotencyKey == null ? sha256 : idempotencyKey);
    }
}
