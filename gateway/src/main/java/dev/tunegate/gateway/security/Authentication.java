package dev.tunegate.gateway.security;

import dev.tunegate.gateway.api.ApiError;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides who may call. As long as no API key has been made the API is open to this machine; from then on it takes a
 * key. The workers' protocol takes a worker's token always.
 */
public final class Authentication {
    private final Keys keys;
    private final String ownWorkerHash;

    /** @param ownWorkerToken the token of the trainer that this gateway starts itself */
    public Authentication(Keys keys, String ownWorkerToken) {
        this.keys = keys;
        this.ownWorkerHash = Secret.sha256(ownWorkerToken);
    }

    /** The caller of an operation of the API. */
    public Future<Caller> caller(HttpServerRequest request) {
        return keys.required().compose(required -> required ? callerByKey(request) : openCaller(request));
    }

    /** Succeeds for a worker. */
    public Future<Void> worker(HttpServerRequest request) {
        Optional<String> token = bearer(request);
        if (token.isPresent() && Secret.sameHash(Secret.sha256(token.get()), ownWorkerHash)) {
            return Future.succeededFuture();
        }
        return key(token, ApiKey.Kind.WORKER).mapEmpty();
    }

    private Future<Caller> callerByKey(HttpServerRequest request) {
        return key(bearer(request), ApiKey.Kind.API).map(key -> new Caller(key.project(), key.id()));
    }

    private static Future<Caller> openCaller(HttpServerRequest request) {
        LocalRequests.requireLocal(request);
        return Future.succeededFuture(new Caller(Caller.DEFAULT_PROJECT, null));
    }

    private Future<ApiKey> key(Optional<String> token, ApiKey.Kind kind) {
        if (token.isEmpty()) {
            return Future.failedFuture(ApiError.missingKey());
        }
        return keys.find(token.get())
                .map(found -> found.filter(key -> key.kind() == kind)
                        .orElseThrow(() -> ApiError.incorrectKey(Secret.masked(token.get()))));
    }

    private static Optional<String> bearer(HttpServerRequest request) {
        String header = request.getHeader("authorization");
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith("bearer ")) {
            return Optional.empty();
        }
        String token = header.substring("bearer ".length()).strip();
        return token.isEmpty() ? Optional.empty() : Optional.of(token);
    }
}
