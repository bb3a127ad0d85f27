package dev.tunegate.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences beyond the lengths at which attention changes its way: what is computed must not change with it. */
@ExtendWith(OnTestDevice.class)
class LongSequenceTest {

    private static final float LOGITS = 2e-4f;

    /** Training takes long sequences as a whole, through other operators than the short ones; a cache takes them in pieces. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    LlamaForCausalLM   |
                    MistralForCausalLM | "sliding_window": 300
                    MistralForCausalLM | "sliding_window": 5000
                    Gemma2ForCausalLM  | "sliding_window": 20, "attn_logit_softcapping": 2.0
                    Gemma3ForCausalLM  | "sliding_window": 600, "sliding_window_pattern": 2
                    """)
    void aWholePassAndACacheAgree(String architecture, String fields) throws IOException {
        int[] tokens = tokens(1500);
        try (LanguageModel model = LanguageModel.random(config(architecture, fields), 1)) {
            float[] whole = logits(model, tokens);
            try (KvCache cache = model.newCache()) {
                assertRow(model.next(cache, Arrays.copyOf(tokens, 1100), model.weights()), whole, 1099);
                assertRow(model.next(cache, Arrays.copyOfRange(tokens, 1100, 1499), model.weights()), whole, 1498);
                float[][] last = model.next(List.of(cache), new int[] {tokens[1499]}, model.weights());
                assertRow(last[0], whole, 1499);
            }
        }
    }

    /** Beyond the original context, LongRoPE rotates all of a sequence differently, also what is in the cache already. */
    @Test
    void aSequenceThatGrowsBeyondTheOriginalContextIsReadAnew() throws IOException {
        ModelConfig config = config("Phi3ForCausalLM", """
                "max_position_embeddings": 64, "original_max_position_embeddings": 16, "rope_scaling": {"type": "longrope",
                 "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.5, 2.0, 3.0, 4.0]}""");
        int[] tokens = tokens(40);
        try (LanguageModel model = LanguageModel.random(config, 1);
                KvCache one = model.newCache();
                KvCache other = model.newCache()) {
            float[] near = logits(model, Arrays.copyOf(tokens, 16));
            float[] far = logits(model, Arrays.copyOf(tokens, 17));
            assertThat(Arrays.copyOf(far, 16 * 50)).isNotEqualTo(near);

            assertRow(model.next(one, Arrays.copyOf(tokens, 16), model.weights()), near, 15);
            model.next(other, Arrays.copyOf(tokens, 12), model.weights());
            float[][] batched = model.next(List.of(one, other), new int[] {tokens[16], tokens[12]}, model.weights());
            assertRow(batched[0], far, 16);
            assertRow(batched[1], near, 12);

            one.truncate(10);
            float[] again = model.next(one, Arrays.copyOfRange(tokens, 10, 15), model.weights());
            assertRow(again, near, 14);
        }
    }

    /** What a sequence's neighbours are must not matter, however long they are. */
    @Test
    void shortAndLongSequencesOfABatchHaveTheirOwnFrequencies() throws IOException {
        ModelConfig config = config("Phi3ForCausalLM", """
                "max_position_embeddings": 64, "original_max_position_embeddings": 16, "rope_scaling": {"type": "longrope",
                 "short_factor": [1.0, 1.0, 1.0, 1.0], "long_factor": [1.5, 2.0, 3.0, 4.0]}""");
        int[] tokens = tokens(40);
        try (LanguageModel model = LanguageModel.random(config, 1)) {
            float[] together = logits(model, tokens, Arrays.copyOf(tokens, 10));
            float[] alone = logits(model, Arrays.copyOf(tokens, 10));
            assertThat(Arrays.copyOfRange(together, 40 * 50, 50 * 50)).containsExactly(alone, within(LOGITS));
        }
    }

    private static void assertRow(float[] actual, float[] all, int row) {
        int width = actual.length;
        assertThat(actual).containsExactly(Arrays.copyOfRange(all, row * width, (row + 1) * width), within(LOGITS));
    }

    private static float[] logits(LanguageModel model, int[]... sequences) {
        List<Example> examples = Arrays.stream(sequences)
                .map(tokens -> new Example(tokens, new boolean[tokens.length]))
                .toList();
        try (NDManager scope = model.newSubManager()) {
            return model.logits(scope, Batch.of(examples), model.weights()).toFloatArray();
        }
    }

    private static int[] tokens(int count) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> (i * 31 + i / 7) % 50);
        return tokens;
    }

    private static ModelConfig config(String architecture, String fields) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config = (ObjectNode) json.readTree("""
                {"vocab_size": 50, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "head_dim": 8,
                 "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 2048,
                 "initializer_range": 0.4}""");
        config.putArray("architectures").add(architecture);
        config.setAll((ObjectNode) json.readTree("{" + (fields == null ? "" : fields) + "}"));
        return ModelConfig.parse(config);
    }
}
