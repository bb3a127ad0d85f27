package dev.tunegate.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.config.ModelRoutes.Route;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelRoutesTest {
    private static final Set<String> LOCAL = Set.of("qwen", "gpt-oss", "ft:gpt-oss:default::12345678");
    private static final Upstream CHAT = upstream("chat", EnumSet.of(Purpose.CHAT), "gpt-*");
    private static final Upstream BOTH = upstream("both", EnumSet.allOf(Purpose.class), "gpt-4*", "o1*", "qwen");

    private final ModelRoutes routes = new ModelRoutes(
            Map.of("gpt-4o-mini", "qwen", "small", "gpt-4o-mini", "far", "o1-mini", "lost", "nothing"),
            List.of(CHAT, BOTH));

    @ParameterizedTest
    @CsvSource({
        "qwen, qwen", // although an upstream has that name, too
        "gpt-oss, gpt-oss",
        "ft:gpt-oss:default::12345678, ft:gpt-oss:default::12345678",
        "gpt-4o-mini, qwen",
        "small, qwen",
    })
    void aliasesAndLocalModelsComeFirst(String name, String model) {
        for (Purpose purpose : Purpose.values()) {
            assertThat(route(name, purpose)).isEqualTo(new Route.Local(model));
        }
    }

    @Test
    void theFirstUpstreamForThePurposeHasAModel() {
        assertThat(route("gpt-4o", Purpose.CHAT)).isEqualTo(new Route.Forwarded("gpt-4o", CHAT));
        assertThat(route("gpt-4o", Purpose.FINE_TUNING)).isEqualTo(new Route.Forwarded("gpt-4o", BOTH));
        assertThat(route("gpt-3.5", Purpose.FINE_TUNING)).isEqualTo(new Route.Unknown("gpt-3.5"));
        assertThat(route("far", Purpose.CHAT)).isEqualTo(new Route.Forwarded("o1-mini", BOTH));
        assertThat(route("lost", Purpose.CHAT)).isEqualTo(new Route.Unknown("nothing"));
    }

    @Test
    void aFineTunedModelIsWhereItsBaseIs() {
        assertThat(route("ft:gpt-4o:org::x", Purpose.FINE_TUNING))
                .isEqualTo(new Route.Forwarded("ft:gpt-4o:org::x", BOTH));
        assertThat(route("ft:other:gpt-4::x", Purpose.CHAT)).isEqualTo(new Route.Unknown("ft:other:gpt-4::x"));
        assertThat(route("ft:", Purpose.CHAT)).isEqualTo(new Route.Unknown("ft:"));
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-*, gpt-4o, true",
        "gpt-*, gpt-, true",
        "gpt-*, chatgpt-4o, false",
        "*, anything/at:all, true",
        "*mini*, gpt-4o-mini-2024, true",
        "*mini, gpt-mini-mini, true",
        "*-mini, gpt-4o-minis, false",
        "gpt-?o, gpt-4o, true",
        "gpt-?o, gpt-o, false",
        "a.c, abc, false",
        "a.c, a.c, true",
        "a*b*c, a-b-b-c-c, true",
        "a*b*c, a-c-b, false",
    })
    void globs(String glob, String name, boolean matches) {
        assertThat(new Glob(glob).matches(name)).isEqualTo(matches);
    }

    @Test
    void aGlobOfManyStarsIsDoneInNoTime() {
        assertThat(new Glob("*a".repeat(50) + "b").matches("a".repeat(100_000))).isFalse();
    }

    private Route route(String name, Purpose purpose) {
        return routes.route(name, purpose, LOCAL::contains);
    }

    private static Upstream upstream(String name, Set<Purpose> purposes, String... globs) {
        return new Upstream(
                name,
                URI.create("http://" + name + "/v1"),
                null,
                Arrays.stream(globs).map(Glob::new).toList(),
                purposes,
                null,
                null,
                Duration.ofSeconds(1),
                0);
    }
}
