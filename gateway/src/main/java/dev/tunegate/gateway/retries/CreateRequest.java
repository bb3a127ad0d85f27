package dev.tunegate.gateway.retries;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for a new job or file and how to tell the request from another: an SDK that saw no answer asks again.
 *
 * @param caller the key that was used, empty where none was needed
 * @param sha256 of what is asked for
 * @param idempotencyKey chosen by the client, null where it sent none
 * @param tryNumber which of its tries this is to the SDK, 0 for the first; null where the client does not count them
 */
public record CreateRequest(
        String project,
        String caller,
        String sha256,
        @Nullable String idempotencyKey,
        @Nullable Integer tryNumber) {
    private static final String IDEMPOTENCY_KEY = "idempotency-key";
    private static final int MAX_IDEMPOTENCY_KEY = 255;

    /** Reads the headers of a request. */
    public static CreateRequest of(RoutingContext ctx, String sha256) {
        String key = ctx.request().getHeader(IDEMPOTENCY_KEY);
        if (key != null && (key.isEmpty() || key.length() > MAX_IDEMPOTENCY_KEY)) {
            throw ApiError.badRequest(
                    "The header Idempotency-Key must have 1 to " + MAX_IDEMPOTENCY_KEY + " characters.", null);
        }
        Caller caller = Caller.of(ctx);
        return new CreateRequest(caller.project(), callerId(caller), sha256, key, tryNumber(ctx.request()));
    }

    /** Whether an SDK says that it has sent this request before. */
    public static boolean isRetry(HttpServerRequest request) {
        Integer number = tryNumber(request);
        return number != null && number > 0;
    }

    /** Whether what is asked for may be there already. */
    public static boolean mayBeRepeated(HttpServerRequest request) {
        return isRetry(request) || request.headers().contains(IDEMPOTENCY_KEY);
    }

    static String callerId(Caller caller) {
        String keyId = caller.keyId();
        return keyId == null ? "" : keyId;
    }

    /** OpenAI's SDKs repeat a request on their own, without any idempotency key, and count in this header. */
    private static @Nullable Integer tryNumber(HttpServerRequest request) {
        String count = request.getHeader("x-stainless-retry-count");
        return count != null && count.matches("[0-9]{1,9}") ? Integer.valueOf(count) : null;
    }
}
