package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.inference.ChatTap;
import dev.tunegate.gateway.inference.CompleteChoices;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Hears one answer and keeps it when it is complete. Events are read when they have gone on to the client, not before. */
final class CapturedAnswer implements ChatTap {
    /** The most bytes that are kept: far more than models answer, but for log probabilities of very long answers. */
    static final int LONGEST = 16 * 1024 * 1024;

    private final Vertx vertx;
    private final Capture capture;
    private final CapturedRequest request;
    private final StreamedCompletion streamed = new StreamedCompletion(LONGEST);
    private Buffer unread = Buffer.buffer();
    private @Nullable ObjectNode whole;
    private boolean isTooLarge;

    CapturedAnswer(Vertx vertx, Capture capture, CapturedRequest request) {
        this.vertx = vertx;
        this.capture = capture;
        this.request = request;
    }

    @Override
    public void events(Buffer lines) {
        if (unread.length() == 0) {
            vertx.runOnContext(sent -> readEvents());
        }
        unread.appendBuffer(lines);
    }

    private void readEvents() {
        String lines = unread.toString();
        unread = Buffer.buffer();
        lines.lines().forEach(streamed::hear);
    }

    @Override
    public void whole(Buffer json) {
        if (json.length() > LONGEST) {
            isTooLarge = true;
            return;
        }
        try {
            JsonNode completion = Json.MAPPER.readTree(json.getBytes());
            whole = completion.path("choices").isArray() ? (ObjectNode) completion : null;
        } catch (IOException e) {
            whole = null; // the client is told at the end
        }
    }

    /** An answer that told the client of an error has nothing to be kept; nobody takes it for complete. */
    @Override
    public Future<Void> kept() {
        readEvents();
        if (streamed.isError()) {
            return Future.succeededFuture();
        }
        if (isTooLarge || streamed.isTooLarge()) {
            return Future.failedFuture(tooLarge());
        }
        ObjectNode completion = whole == null ? streamed.completion() : whole;
        return completion == null
                ? Future.failedFuture(incomplete())
                : capture.keep(request, CompleteChoices.of(completion));
    }

    private static ApiError tooLarge() {
        return ApiError.badRequest(
                "The answer was not kept: it is larger than " + LONGEST
                        + " bytes. Ask for a shorter one (max_completion_tokens, without logprobs), or without 'store'.",
                "store",
                "completion_too_large");
    }

    private static ApiError incomplete() {
        return new ApiError(
                502,
                "The answer was not kept: it ended before it was complete, or is no chat completion. Ask again, or"
                        + " without 'store'.",
                "server_error",
                null,
                "capture_failed");
    }
}
