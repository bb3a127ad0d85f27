package dev.tunegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoutesTest {
    private static final Operation NOTHING = ctx -> Future.succeededFuture();
    private static final List<Endpoint> ENDPOINTS = List.of(
            endpoint("read", HttpMethod.GET, "/things/{id}"),
            endpoint("special", HttpMethod.GET, "/things/special"),
            endpoint("drop", HttpMethod.DELETE, "/things/{id}"));

    @Test
    void anEndpointWithoutAnOperationIsRefused() {
        assertThatThrownBy(() -> new Routes(ENDPOINTS, List.of(Map.of("read", NOTHING, "drop", NOTHING))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("without an operation [special]");
    }

    @Test
    void anOperationWithoutAnEndpointIsRefused() {
        assertThatThrownBy(() -> new Routes(ENDPOINTS, List.of(all(), Map.of("more", NOTHING))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("without a description [more]");
    }

    @Test
    void anOperationIsImplementedOnce() {
        assertThatThrownBy(() -> new Routes(ENDPOINTS, List.of(all(), Map.of("read", NOTHING))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("two operations called read");
    }

    @Test
    void aPathThatIsWrittenOutWinsOverAParameter() {
        Routes routes = new Routes(ENDPOINTS, List.of(all()));
        assertThat(routes.match(HttpMethod.GET, "/things/special").endpoint().operationId())
                .isEqualTo("special");
        Routes.Match match = routes.match(HttpMethod.HEAD, "/things/a+b%2Fc");
        assertThat(match.endpoint().operationId()).isEqualTo("read");
        assertThat(match.parameters()).containsExactly(Map.entry("id", "a+b/c"));
        assertThat(routes.allowed("/things/x")).containsExactlyInAnyOrder("GET", "DELETE");
    }

    private static Map<String, Operation> all() {
        return Map.of("read", NOTHING, "special", NOTHING, "drop", NOTHING);
    }

    private static Endpoint endpoint(String id, HttpMethod method, String path) {
        return new Endpoint(
                id, method, PathTemplate.of(path), Endpoint.Access.EVERYONE, Endpoint.RequestContent.NONE, 0);
    }
}
