package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A chat request whose answer is to be kept.
 *
 * @param requestId the x-request-id of its answer
 * @param dataset what it is filed under, null for nothing
 * @param metadata empty for none
 * @param chat as the client sent it, but for what says that and how it is kept
 */
public record CapturedRequest(
        String project, String requestId, @Nullable String dataset, ObjectNode metadata, ObjectNode chat) {}
