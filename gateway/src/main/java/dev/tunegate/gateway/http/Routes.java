package dev.tunegate.gateway.http;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Every endpoint of the contract with the operation that answers it. */
final class Routes {
    private final List<Route> routes;

    /** The operation that answers a request, and the parameters in its path. */
    record Match(Endpoint endpoint, Operation operation, Map<String, String> parameters) {}

    private record Route(Endpoint endpoint, Operation operation) {}

    /**
     * Joins contract and operations.
     *
     * @throws IllegalStateException when an endpoint has no operation, or an operation no endpoint
     */
    Routes(List<Endpoint> endpoints, List<Map<String, Operation>> resources) {
        Map<String, Operation> operations = new HashMap<>();
        for (Map<String, Operation> resource : resources) {
            resource.forEach((id, operation) -> {
                if (operations.put(id, operation) != null) {
                    throw new IllegalStateException("two operations called " + id);
                }
            });
        }
        Set<String> described =
                endpoints.stream().map(Endpoint::operationId).collect(Collectors.toCollection(TreeSet::new));
        requireSame(described, operations.keySet());
        // A path that is written out comes before one with a parameter in its place.
        routes = endpoints.stream()
                .map(endpoint -> new Route(endpoint, Objects.requireNonNull(operations.get(endpoint.operationId()))))
                .sorted(Comparator.comparingInt(Routes::parameters))
                .toList();
    }

    /** Finds what answers; HEAD is answered as GET is, without its body. */
    Match match(HttpMethod method, String path) {
        HttpMethod wanted = method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
        List<String> segments = segments(method, path);
        for (Route route : routes) {
            Map<String, String> parameters = route.endpoint.method().equals(wanted)
                    ? route.endpoint.path().match(segments)
                    : null;
            if (parameters != null) {
                return new Match(route.endpoint, route.operation, parameters);
            }
        }
        List<String> allowed = allowed(path);
        throw allowed.isEmpty()
                ? ApiError.unknownUrl(method.name(), ApiError.quoted(path))
                : ApiError.methodNotAllowed(method.name(), ApiError.quoted(path), allowed);
    }

    /** The methods that a path answers to, none for an unknown path. */
    List<String> allowed(String path) {
        List<String> segments = segments(HttpMethod.OPTIONS, path);
        List<String> methods = new ArrayList<>();
        for (Route route : routes) {
            if (route.endpoint.path().match(segments) != null
                    && !methods.contains(route.endpoint.method().name())) {
                methods.add(route.endpoint.method().name());
            }
        }
        return methods;
    }

    private static List<String> segments(HttpMethod method, String path) {
        try {
            return PathTemplate.split(path);
        } catch (IllegalArgumentException e) {
            throw ApiError.unknownUrl(method.name(), ApiError.quoted(path));
        }
    }

    private static int parameters(Route route) {
        return (int) route.endpoint.path().segments().stream()
                .filter(segment -> segment.startsWith("{"))
                .count();
    }

    private static void requireSame(Set<String> described, Set<String> implemented) {
        Set<String> missing = new TreeSet<>(described);
        missing.removeAll(implemented);
        Set<String> unknown = new HashSet<>(implemented);
        unknown.removeAll(described);
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new IllegalStateException("openapi.yaml and the operations differ: without an operation " + missing
                    + ", without a description " + unknown);
        }
    }
}
