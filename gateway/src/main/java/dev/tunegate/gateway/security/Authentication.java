package dev.tunegate.gateway.security;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Authenticator;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.quotas.RequestRates;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Decides who may call. As long as no API key has been made the API is open to this machine; from then on it takes a
 * key. The workers' protocol takes a worker's token always.
 */
public final class Authentication implements Authenticator {
    private final Keys keys;
    private final KnownKeys known = new KnownKeys(System::nanoTime);
    private final String ownWorkerHash;
    private final RequestRates rates;

    /**
     * @param ownWorkerToken the token of the trainer that this gateway starts itself
     * @param rates how often those who may call may do so
     */
    public Authentication(Keys keys, String ownWorkerToken, RequestRates rates) {
        this.keys = keys;
        this.rates = rates;
        this.ownWorkerHash = Secret.sha256(ownWorkerToken);
    }

    @Override
    public Future<Caller> caller(HttpServerRequest request) {
        return identify(request).map(caller -> rates.count(caller, request.response()));
    }

    private Future<Caller> identify(HttpServerRequest request) {
        Optional<String> token = bearer(request);
        Optional<String> sha256 = token.map(Secret::sha256);
        Optional<ApiKey> busy = sha256.flatMap(known::find);
        if (busy.isPresent()) {
            return Future.succeededFuture(caller(busy.get()));
        }
        return keys.admit(sha256).map(admission -> {
            if (!admission.isKeyRequired()) {
                LocalRequests.requireLocal(request);
                return new Caller(Caller.DEFAULT_PROJECT, null);
            }
            ApiKey key = required(token, admission, ApiKey.Kind.API);
            sha256.ifPresent(hash -> known.add(hash, key));
            return caller(key);
        });
    }

    private static Caller caller(ApiKey key) {
        return new Caller(key.project(), key.id());
    }

    @Override
    public Future<Caller> worker(HttpServerRequest request) {
        Optional<String> token = bearer(request);
        if (token.isPresent() && Secret.sameHash(Secret.sha256(token.get()), ownWorkerHash)) {
            return Future.succeededFuture(new Caller(Caller.DEFAULT_PROJECT, null));
        }
        return keys.admit(token.map(Secret::sha256))
                .map(admission -> caller(required(token, admission, ApiKey.Kind.WORKER)));
    }

    @Override
    public Future<List<String>> revoked(List<String> keyIds) {
        return keys.revoked(keyIds);
    }

    private static ApiKey required(Optional<String> token, Admission admission, ApiKey.Kind kind) {
        if (token.isEmpty()) {
            throw ApiError.missingKey();
        }
        return admission
                .key()
                .filter(key -> key.kind() == kind)
                .orElseThrow(() -> ApiError.incorrectKey(Secret.masked(token.get())));
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
