package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * A kept answer and what was asked for, but for its messages.
 *
 * @param id the answer's own, or a longer one where its project already had that
 * @param request as the client sent it, but for its messages and what says that and how it is kept
 * @param answer the completion, put together where it was a stream
 */
public record StoredCompletion(
        String id,
        String requestId,
        @Nullable String dataset,
        ObjectNode metadata,
        ObjectNode request,
        ObjectNode answer,
        OffsetDateTime createdAt) {}
