package dev.tunegate.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** openapi.yaml: what the gateway serves, and the one place where its URLs are written down. */
public final class Contract implements Resource {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    /** The extension that says how many bytes of JSON an operation takes. */
    private static final String LARGEST_BODY = "x-tunegate-max-bytes";

    private static final long LARGEST_BODY_OTHERWISE = 1024L * 1024;

    private final Buffer source;
    private final String version;
    private final List<Endpoint> endpoints;
    private final JsonNode schemas;

    private Contract(Buffer source, String version, List<Endpoint> endpoints, JsonNode schemas) {
        this.source = source;
        this.version = version;
        this.endpoints = endpoints;
        this.schemas = schemas;
    }

    /** Reads the document from the class path. */
    public static Contract load() {
        try (InputStream in = Contract.class.getResourceAsStream("/openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("openapi.yaml is missing from the class path");
            }
            Buffer source = Buffer.buffer(in.readAllBytes());
            JsonNode document = new YAMLMapper().readTree(source.getBytes());
            return new Contract(
                    source,
                    document.at("/info/version").asText(),
                    endpoints(document),
                    document.at("/components/schemas"));
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.yaml cannot be read", e);
        }
    }

    /** The contract's version is Tunegate's, too, because what Tunegate serves is what it is. */
    public String version() {
        return version;
    }

    /** A schema of the document, for rules that are not to be written down twice. */
    public JsonNode schema(String name) {
        if (!schemas.has(name)) {
            throw new IllegalStateException("openapi.yaml has no schema " + name);
        }
        return schemas.path(name);
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    /** The operation that serves the document itself. */
    @Override
    public Map<String, Operation> operations() {
        return Map.of("getContract", ctx -> {
            ctx.response().putHeader("content-type", "application/yaml; charset=utf-8");
            return ctx.response().end(source.copy());
        });
    }

    private static List<Endpoint> endpoints(JsonNode document) {
        List<Endpoint> endpoints = new ArrayList<>();
        JsonNode everywhere = document.path("security");
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                if (METHODS.contains(method.getKey())) {
                    endpoints.add(endpoint(path.getKey(), method.getKey(), method.getValue(), everywhere));
                }
            }
        }
        return List.copyOf(endpoints);
    }

    private static Endpoint endpoint(String path, String method, JsonNode operation, JsonNode everywhere) {
        JsonNode security = operation.has("security") ? operation.path("security") : everywhere;
        return new Endpoint(
                operation.path("operationId").asText(),
                HttpMethod.valueOf(method.toUpperCase(Locale.ROOT)),
                PathTemplate.of(path),
                access(security),
                body(operation.path("requestBody").path("content")),
                operation.path("requestBody").path(LARGEST_BODY).asLong(LARGEST_BODY_OTHERWISE));
    }

    private static Endpoint.Access access(JsonNode security) {
        if (security.isEmpty()) {
            return Endpoint.Access.EVERYONE;
        }
        String scheme = security.path(0).fieldNames().next();
        return switch (scheme) {
            case "api_key" -> Endpoint.Access.API_KEY;
            case "worker_token" -> Endpoint.Access.WORKER_TOKEN;
            default -> throw new IllegalStateException("openapi.yaml: unknown security scheme " + scheme);
        };
    }

    private static Endpoint.RequestContent body(JsonNode content) {
        if (content.isEmpty()) {
            return Endpoint.RequestContent.NONE;
        }
        return content.has("application/json") ? Endpoint.RequestContent.JSON : Endpoint.RequestContent.STREAM;
    }
}
