package dev.tunegate.gateway;

import dev.tunegate.gateway.http.ApiServer;
import dev.tunegate.gateway.security.Keys;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The address that the gateway listens on; other machines reach it only where keys are needed. */
final class HttpListener {
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final String host;
    private final HttpServer server;

    private HttpListener(String host, HttpServer server) {
        this.host = host;
        this.server = server;
    }

    /** Refuses an address outside the loopback interface as long as no key has ever been made. */
    static void requireKeysOutsideLoopback(String host, Keys keys) throws StartupFailure {
        boolean loopback;
        try {
            loopback = InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new StartupFailure("The host '" + host + "' is unknown; --host takes an address of this machine.", e);
        }
        if (!loopback && !Await.result(keys.required())) {
            throw new StartupFailure(
                    "Refusing to listen on " + host + " without API keys: whoever reaches this machine could"
                            + " use it. Create one first with `tunegate keys create`, or listen on 127.0.0.1.",
                    null);
        }
    }

    /** @param port 0 for any that is free */
    static HttpListener open(ApiServer server, String host, int port) throws StartupFailure {
        try {
            return new HttpListener(host, Await.result(server.listen(host, port)));
        } catch (Exception e) { // the future's own failure is thrown: a BindException as a rule
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new StartupFailure(
                    "Cannot listen on " + host + ":" + port + ": " + reason
                            + ". Choose another port with --port; 0 takes any that is free.",
                    e);
        }
    }

    int port() {
        return server.actualPort();
    }

    /** The URL at which clients on this machine find the gateway, for example http://127.0.0.1:8080; they add /v1. */
    URI url() {
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String name = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        return URI.create("http://" + name + ":" + port());
    }

    /** Stops taking requests, and gives those that are being answered a moment to end. */
    Future<Void> close() {
        return server.shutdown(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
    }
}
