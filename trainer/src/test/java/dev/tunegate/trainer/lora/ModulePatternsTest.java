package dev.tunegate.trainer.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModulePatternsTest {

    private static final String PATH = "model.layers.11.mlp.down_proj";

    /** As re.match(rf"(.*\.)?({key})$", path) in PEFT's get_pattern_key. */
    @ParameterizedTest
    @CsvSource({
        "down_proj,true",
        "mlp.down_proj,true",
        "layers.11.mlp.down_proj,true",
        "model.layers.11.mlp.down_proj,true",
        "^model.layers.11.mlp.down_proj$,true",
        "layers.*.down_proj,true",
        ".*down_proj,true",
        "layers\\.\\d+\\.mlp\\.(up_proj|down_proj),true",
        "layers.[0-9]+.mlp.down_proj,true",
        "own_proj,false",
        "layers.1.mlp.down_proj,false",
        "mlp,false",
        "^layers.11.mlp.down_proj,false",
        "up_proj,false"
    })
    void aKeyMatchesThePathOrWhatFollowsADot(String key, boolean matches) {
        assertThat(new ModulePatterns<>(Map.of(key, 8)).valueFor(PATH, 4)).isEqualTo(matches ? 8 : 4);
    }

    @Test
    void theFirstKeyThatMatchesCounts() {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        ranks.put("mlp.down_proj", 2);
        ranks.put("down_proj", 8);
        assertThat(new ModulePatterns<>(ranks).valueFor(PATH, 4)).isEqualTo(2);
        assertThat(new ModulePatterns<>(ranks).valueFor("model.layers.0.other.down_proj", 4))
                .isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "(a+)+b", "([a-z.]+)+x", "a{1,99}", ".*.*.*.*x", "(?=a)", "\\1", "[^.]*"})
    void aPatternThatMightRunForeverIsRefused(String key) {
        assertThatThrownBy(() -> new ModulePatterns<>(Map.of(key, 8)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pattern '" + key + "' is not supported");
    }
}
