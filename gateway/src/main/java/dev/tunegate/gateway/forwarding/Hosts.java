package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.upstream.UpstreamClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The upstreams that this gateway knows, by their names. */
public final class Hosts {
    private final Map<String, UpstreamClient> clients = new LinkedHashMap<>();

    public Hosts(Vertx vertx, ModelRoutes routes) {
        for (Upstream upstream : routes.upstreams()) {
            clients.put(upstream.name(), new UpstreamClient(vertx, upstream));
        }
    }

    String[] names() {
        return clients.keySet().toArray(new String[0]);
    }

    /** The client of an upstream; empty when the configuration has lost the upstream. */
    Optional<UpstreamClient> client(String name) {
        return Optional.ofNullable(clients.get(name));
    }

    Future<Void> close() {
        return Future.join(clients.values().stream().map(UpstreamClient::close).toList())
                .mapEmpty();
    }
}
