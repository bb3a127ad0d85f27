package dev.tunegate.gateway.upstream;

import dev.tunegate.gateway.config.Upstream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers by which an upstream knows us. A client's own never go along. */
public final class UpstreamHeaders {
    private UpstreamHeaders() {}

    public static Map<String, String> of(Upstream upstream) {
        Map<String, String> headers = new LinkedHashMap<>();
        String key = upstream.apiKey();
        put(headers, "authorization", key == null ? null : "Bearer " + key);
        put(headers, "openai-organization", upstream.organization());
        put(headers, "openai-project", upstream.project());
        return headers;
    }

    private static void put(Map<String, String> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.put(name, value);
        }
    }
}
