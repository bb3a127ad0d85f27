package dev.tunegate.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void llama3RopeIsTheSameInBothLayouts() {
        ModelConfig classic = ModelConfig.parse(json("""
                "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}"""));
        ModelConfig five = ModelConfig.parse(json("""
                "rope_parameters": {"rope_theta": 500000.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}"""));

        assertThat(classic).isEqualTo(five);
        assertThat(classic.rope()).isEqualTo(new Rope(500000, 1, new RopeScaling.Llama3(8, 1, 4, 8192)));
    }

    @Test
    void absentFieldsHaveTheDefaultsOfTransformers() {
        ModelConfig config = ModelConfig.parse(json("\"initializer_range\": 0.1"));

        assertThat(config.keyValueHeads()).isEqualTo(4);
        assertThat(config.headDim()).isEqualTo(16);
        assertThat(config.rope()).isEqualTo(new Rope(10000));
        assertThat(config.tiedHead()).isFalse();
        assertThat(config.contextLength()).isEqualTo(2048);
        assertThat(config.normEpsilon()).isEqualTo(1e-6);
        assertThat(config.initializerRange()).isEqualTo(0.1);
    }

    /** layer_types counts where a family reads it; otherwise each has its own way to say which layers have a window. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    LlamaForCausalLM   | "sliding_window": 8                                                          | 0000
                    MistralForCausalLM | "sliding_window": 8                                                          | 1111
                    MistralForCausalLM | "sliding_window": null                                                       | 0000
                    MistralForCausalLM | "rope_theta": 1e6                                                            | 1111
                    Phi3ForCausalLM    | "sliding_window": 8                                                          | 1111
                    Phi3ForCausalLM    | "rope_theta": 1e4                                                            | 0000
                    Qwen2ForCausalLM   | "use_sliding_window": false, "sliding_window": 8, "max_window_layers": 0     | 0000
                    Qwen2ForCausalLM   | "use_sliding_window": true, "sliding_window": 8, "max_window_layers": 3      | 0001
                    Qwen3ForCausalLM   | "use_sliding_window": true, "sliding_window": 8, "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention"] | 1010
                    Gemma2ForCausalLM  | "sliding_window": 8                                                          | 1010
                    Gemma3ForCausalLM  | "sliding_window": 8, "sliding_window_pattern": 3                             | 1101
                    Gemma3ForCausalLM  | "sliding_window": 8, "_sliding_window_pattern": 2                            | 1010
                    """)
    void windowsAreOnTheLayersThatTheFamilySays(String architecture, String fields, String expected) {
        ModelConfig config = ModelConfig.parse(
                json("\"architectures\": [\"" + architecture + "\"], \"num_hidden_layers\": 4, " + fields));

        String windowed = IntStream.range(0, 4)
                .mapToObj(layer -> config.switches().windowed(layer) ? "1" : "0")
                .collect(Collectors.joining());
        assertThat(windowed).isEqualTo(expected);
        assertThat(config.switches().window() > 0).isEqualTo(expected.contains("1"));
    }

    @Test
    void aFamilyWithoutArchitecturesIsKnownByItsModelType() {
        ObjectNode config = (ObjectNode) json("\"model_type\": \"gemma2\"");
        config.remove("architectures");

        assertThat(ModelConfig.parse(config).architecture()).isEqualTo("Gemma2ForCausalLM");
    }

    @Test
    void aGemmaConfigurationWithoutItsExtrasHasTheFamilysOwn() {
        Switches switches = ModelConfig.parse(json("\"architectures\": [\"Gemma2ForCausalLM\"]"))
                .switches();

        assertThat(switches.attentionCap()).isEqualTo(50);
        assertThat(switches.logitCap()).isEqualTo(30);
        assertThat(switches.attentionScale()).isEqualTo(1.0 / 16);
        assertThat(switches.window()).isEqualTo(4096);
        assertThat(switches.activation()).isEqualTo(Switches.Activation.GELU_TANH);
    }

    @Test
    void aLlamaMayHaveBiases() {
        Switches switches = ModelConfig.parse(json("\"attention_bias\": true, \"mlp_bias\": true"))
                .switches();

        assertThat(switches.queryBias()).isTrue();
        assertThat(switches.outputBias()).isTrue();
        assertThat(switches.feedForwardBias()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "architectures": ["MambaForCausalLM"]            | architecture 'MambaForCausalLM' is not supported; supported: LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, Phi3ForCausalLM, Gemma2ForCausalLM, Gemma3ForCausalLM, GPT2LMHeadModel
                    "hidden_act": "relu"                             | hidden_act 'relu' is not supported; supported: silu, swish, gelu, gelu_new, gelu_pytorch_tanh
                    "attention_bias": "yes"                          | attention_bias must be true or false, found "yes"
                    "rope_scaling": {"type": "mrope"}                | rope_type 'mrope' is not supported; supported: default, linear, dynamic, llama3, yarn, longrope
                    "rope_scaling": {"rope_type": "llama3"}          | factor must be a number, found nothing
                    "rope_scaling": {"type": "longrope", "short_factor": [1.0]} | short_factor must be a list of 8 numbers, found [1.0]
                    "partial_rotary_factor": 0.5                     | partial_rotary_factor 0.5 is not supported; supported: 1
                    "hidden_size": "64"                              | hidden_size must be an integer, found "64"
                    "num_hidden_layers": 0                           | num_hidden_layers is 0, must be at least 1
                    "num_attention_heads": 0                         | num_attention_heads is 0, must be at least 1
                    "num_key_value_heads": 3                         | num_attention_heads 4 is not a multiple of num_key_value_heads 3
                    "architectures": ["GPT2LMHeadModel"], "n_embd": 64, "n_layer": 1, "n_head": 3 | n_embd 64 is not a multiple of n_head 3
                    "head_dim": 15                                   | of head_dim 15, 15 dimensions are rotated, an odd number
                    "vocab_size": 3000000000                         | vocab_size must be an integer
                    """)
    void whatCannotBeComputedIsRefused(String field, String problem) {
        assertThatThrownBy(() -> ModelConfig.parse(json(field)))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining(problem);
    }

    @Test
    void llama3RopeKeepsFastFrequenciesAndStretchesSlowOnes() {
        var scaled = new Rope(500000, 1, new RopeScaling.Llama3(8, 1, 4, 8192)).frequencies(128, false);
        var plain = new Rope(500000).frequencies(128, false);

        assertThat(plain[0]).isEqualTo(1);
        assertThat(plain[1]).isCloseTo(Math.pow(500000, -2.0 / 128), within(1e-15));
        assertThat(scaled[0]).isEqualTo(plain[0]);
        assertThat(scaled[63]).isCloseTo(plain[63] / 8, within(1e-15));
        assertThat(scaled[32]).isBetween(plain[32] / 8, plain[32]);
    }

    /** A small Llama with one more field, or another value of one. */
    private static JsonNode json(String field) {
        try {
            ObjectNode config = (ObjectNode) JSON.readTree("""
                    {"architectures": ["LlamaForCausalLM"], "vocab_size": 384, "hidden_size": 64, "intermediate_size": 128,
                     "num_hidden_layers": 2, "num_attention_heads": 4}""");
            config.setAll((ObjectNode) JSON.readTree("{" + field + "}"));
            return config;
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
