package dev.tunegate.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

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
    private static final Upstream CHAT = upstream("chat", EnumSet.of(Purpose.CHAT), "gpt-*");
    private static final Upstream BOTH = upstream("both", EnumSet.allOf(Purpose.class), "gpt-4*", "o1*", "qwen");

    private final ModelRoutes routes = new ModelRoutes(
            Map.of("gpt-4o-mini", "qwen", "small", "gpt-4o-mini", "far", "o1-mini", "lost", "nothing"),
            List.of(CHAT, BOTH));

    @ParameterizedTest
    @CsvSource({
        "qwen, qwen",
        "gpt-4o-mini, qwen",
        "small, qwen", // an alias of an alias
        "far, o1-mini",
        "gpt-4o, gpt-4o",
    })
    void anAliasStandsForAModel(String name, String model) {
        assertThat(routes.resolve(name)).isEqualTo(model);
    }

    @Test
    void theFirstUpstreamForThePurposeHasAModel() {
        assertThat(routes.upstreamOf("gpt-4o", Purpose.CHAT)).contains(CHAT);
        assertThat(routes.upstreamOf("gpt-4o", Purpose.FINE_TUNING)).contains(BOTH);
        assertThat(routes.upstreamOf("gpt-3.5", Purpose.FINE_TUNING)).isEmpty();
        assertThat(routes.upstreamOf("nothing", Purpose.CHAT)).isEmpty();
    }

    @Test
    void aFineTunedModelIsWhereItsBaseIs() {
        assertThat(routes.upstreamOf("ft:gpt-4o:org::x", Purpose.FINE_TUNING)).contains(BOTH);
        assertThat(routes.upstreamOf("ft:other:gpt-4::x", Purpose.CHAT)).isEmpty();
        assertThat(routes.upstreamOf("ft:", Purpose.CHAT)).isEmpty();
    }

    @Test
    void onlyNamesAreListedAndTheFirstUpstreamHasThem() {
        assertThat(routes.spelledOut()).isEqualTo(Map.of("qwen", BOTH));
        Upstream first = upstream("first", EnumSet.of(Purpose.CHAT), "qwen");
        assertThat(new ModelRoutes(Map.of(), List.of(first, BOTH)).spelledOut()).isEqualTo(Map.of("qwen", first));
    }

    @Test
    void anUpstreamIsFoundByItsName() {
        assertThat(routes.upstream("both")).contains(BOTH);
        assertThat(routes.upstream("gone")).isEmpty();
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
