package dev.tunegate.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
