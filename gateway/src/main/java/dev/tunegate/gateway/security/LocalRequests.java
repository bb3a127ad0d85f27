package dev.tunegate.gateway.security;

import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages out of an open gateway. A browser on this machine reaches the loopback address for any page that it
 * shows; such a request names a foreign host (DNS rebinding), a foreign Origin, or says that it comes from another site.
 */
final class LocalRequests {
    private LocalRequests() {}

    static void requireLocal(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        if (authority != null && !isLoopback(authority.host())) {
            throw refuse("the Host '" + authority.host() + "'");
        }
        String origin = request.getHeader("origin");
        if (origin != null && !isLocalOrigin(origin)) {
            throw refuse("the Origin '" + origin + "'");
        }
        if ("cross-site".equals(request.getHeader("sec-fetch-site"))) {
            throw refuse("another site");
        }
    }

    private static ApiError refuse(String foreign) {
        return ApiError.forbidden("Without API keys this gateway answers requests of this machine only, not from "
                + ApiError.quoted(foreign) + ". Create a key with `tunegate keys create` and send it, or call"
                + " http://localhost.");
    }

    private static boolean isLocalOrigin(String origin) {
        try {
            return isLoopback(new URI(origin).getHost());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /**
     * Decides by the name or the address itself and never by a lookup, because what a name resolves to is what the
     * attacker chooses.
     */
    static boolean isLoopback(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("::1")
                || name.equals("[::1]")
                || name.matches("127(\\.\\d{1,3}){3}");
    }
}
