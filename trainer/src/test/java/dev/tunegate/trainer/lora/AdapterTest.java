package dev.tunegate.trainer.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Rope;
import dev.tunegate.trainer.checkpoint.Switches;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.KvCache;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.FlatParameters.Parameter;
import dev.tunegate.trainer.training.AdamW;
import dev.tunegate.trainer.training.TrainStep;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which modules an adapter takes, and which adapters are refused. */
class AdapterTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDEN = golden();
    private static LanguageModel model;

    @TempDir
    Path directory = Path.of("");

    @BeforeAll
    static void load() throws IOException {
        model = LanguageModel.load(GOLDEN.resolve("model"), ComputeType.FP32);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "use_dora": true                          | use_dora = true is not supported
                    "peft_type": "LOHA"                       | peft_type is "LOHA", must be LORA
                    "bias": "all"                             | bias = "all" is not supported; supported: none
                    "init_lora_weights": "pissa_niter_4"      | init_lora_weights = pissa_niter_4 changes the base model's weights
                    "layers_pattern": "blocks"                | layers_pattern = [blocks] is not supported; supported: layers, h
                    "layers_to_transform": [2]                | layers_to_transform names layer 2; this model has 2, from 0 on
                    "layers_to_transform": ["all"]            | layers_to_transform names layer -1
                    "rank_pattern": {"q_proj": "8"}           | rank_pattern q_proj must be a number, found "8"
                    "rank_pattern": {"q_proj": 0}             | rank_pattern q_proj: 0, must be at least 1
                    "rank_pattern": {"(a+)+": 8}              | pattern '(a+)+' is not supported
                    "alpha_pattern": {"q_proj": -1}           | alpha_pattern q_proj: -1.0, must be above 0
                    "r": 0                                    | lora_r: 0, must be at least 1
                    "target_modules": ["c_attn"]              | target_modules [c_attn] are not linear layers of this model
                    "target_modules": "q_.*"                  | target_modules must be a list of layer names or "all-linear"
                    "modules_to_save": ["score"]              | modules_to_save [score] cannot be trained in full
                    "modules_to_save": ["o_proj"]             | modules_to_save [o_proj] cannot be trained in full
                    "r": 8                                    | has shape [4, 64]; this model and rank need [8, 64]
                    """)
    void anAdapterThatCannotBeComputedIsRefused(String field, String problem) throws IOException {
        Path initial = GOLDEN.resolve("adapter_init");
        ObjectNode config = (ObjectNode)
                JSON.readTree(initial.resolve("adapter_config.json").toFile());
        config.setAll((ObjectNode) JSON.readTree("{" + field + "}"));
        JSON.writeValue(directory.resolve("adapter_config.json").toFile(), config);
        Files.copy(initial.resolve("adapter_model.safetensors"), directory.resolve("adapter_model.safetensors"));

        assertThatThrownBy(() -> Adapter.load(directory, model).close())
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(problem);
    }

    @Test
    void adapterWeightsThatAreNoNumbersAreRefused() throws IOException {
        Path file = directory.resolve("adapter_model.safetensors");
        try (Adapter adapter = Adapter.create(model, new LoraConfig(4, 8, 0, Set.of("q_proj")), 1)) {
            adapter.save(directory, "base");
        }
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
        Files.write(file, bytes);

        assertThatThrownBy(() -> Adapter.load(directory, model).close())
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining(file + ": tensor base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight")
                .hasMessageContaining("infinite or not a number");
    }

    @Test
    void savedModulesBeginAsTheModelHasThem() {
        try (Adapter adapter = Adapter.create(model, saving("norm", "lm_head"), 1)) {
            List<String> names = adapter.parameters().parameters().stream()
                    .map(Parameter::name)
                    .filter(name -> !name.contains("lora"))
                    .toList();
            assertThat(names)
                    .containsExactly(
                            "lm_head.weight",
                            "model.layers.0.input_layernorm.weight",
                            "model.layers.0.post_attention_layernorm.weight",
                            "model.layers.1.input_layernorm.weight",
                            "model.layers.1.post_attention_layernorm.weight",
                            "model.norm.weight");
            int last = adapter.parameters().views().size() - 1;
            var norm = model.layout().weights().stream()
                    .filter(weight -> weight.parts().get(0).tensor().equals("model.norm.weight"))
                    .findFirst()
                    .orElseThrow();
            assertThat(adapter.parameters().views().get(last).toFloatArray())
                    .isEqualTo(model.array(norm).toFloatArray());
        }
    }

    /** Each kind of norm, an embedding and a head, all trained in float32 where the model computes in bfloat16. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    llama  | norm,lm_head,embed_tokens
                    gemma2 | norm
                    gpt2   | ln_1,ln_f
                    """)
    void savedModulesAreTrainedInFloat32BesideABfloat16Model(String family, String modules) throws IOException {
        int[] tokens = {7, 30, 2, 99, 41, 8, 120, 77, 5, 63, 18, 200};
        boolean[] trained = new boolean[tokens.length];
        Arrays.fill(trained, true);
        Batch batch = Batch.of(List.of(new Example(tokens, trained)));
        Path directory = GOLDEN.resolveSibling(family).resolve("model");
        try (LanguageModel half = LanguageModel.load(directory, ComputeType.BF16);
                Adapter adapter =
                        Adapter.create(half, saving(LoraConfig.allLinears(half.config()), modules.split(",")), 1);
                TrainStep train = new TrainStep(half, adapter, AdamW.Settings.DEFAULT, 1);
                KvCache cache = half.newCache()) {
            double untouched;
            try (NDManager scope = half.newSubManager()) {
                untouched = half.loss(scope, batch, half.weights(), batch.trainedTokens(), false)
                        .scaled()
                        .getFloat();
            }
            double before = train.evaluate(List.of(batch)).loss();
            float[] first = adapter.parameters().flat().toFloatArray();
            for (int step = 0; step < 10; step++) {
                train.step(List.of(batch), 1e-2);
            }
            float[] last = adapter.parameters().flat().toFloatArray();

            assertThat(before).isCloseTo(untouched, within(0.02 * untouched));
            assertThat(train.evaluate(List.of(batch)).loss()).isLessThan(before - 1);
            assertThat(last[last.length - 1]).as("the last norm").isNotEqualTo(first[last.length - 1]);
            float[] logits = half.next(cache, Arrays.copyOf(tokens, 6), adapter.weights());
            assertThat(logits[tokens[6]]).as("what was learned").isGreaterThan(logits[tokens[0]]);
        }
    }

    /** One array is both embedding and head: training it as one of them would change the other. */
    @Test
    void tiedEmbeddingsAreNotTrainedBesideAnAdapter() throws IOException {
        var tied = new ModelConfig(
                "LlamaForCausalLM", 20, 8, 16, 1, 2, 2, 4, 16, 1e-5, new Rope(1e4), true, 0.1, Switches.llama(4));
        try (LanguageModel small = LanguageModel.random(tied, 1)) {
            assertThatThrownBy(() -> Adapter.create(small, saving("embed_tokens"), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("modules_to_save [embed_tokens] cannot be trained in full");
        }
    }

    @Test
    void aModelIsNotMergedOverItself() {
        try (Adapter adapter = Adapter.create(model, saving("norm"), 1)) {
            assertThatThrownBy(() -> Merge.write(adapter, GOLDEN.resolve("model"), GOLDEN.resolve("model"), DType.F32))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("merge into another");
        }
    }

    private static LoraConfig saving(String... modules) {
        return saving(Set.of("q_proj"), modules);
    }

    private static LoraConfig saving(Set<String> targets, String... modules) {
        return new LoraConfig(
                4, 8, 0, targets, false, ModulePatterns.none(), ModulePatterns.none(), Set.of(), Set.of(modules));
    }

    private static Path golden() {
        try {
            return Path.of(Objects.requireNonNull(AdapterTest.class.getResource("/golden/llama"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
