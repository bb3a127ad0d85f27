package dev.tunegate.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights that are not what config.json says; each error names the file and the tensor. */
class ModelFilesTest {

    private static final String LLAMA = """
            {"architectures": ["LlamaForCausalLM"], "vocab_size": 20, "hidden_size": 8, "intermediate_size": 16,
             "num_hidden_layers": 1, "num_attention_heads": 2}""";
    private static final String GPT2 = """
            {"architectures": ["GPT2LMHeadModel"], "vocab_size": 20, "n_embd": 8, "n_layer": 2, "n_head": 2,
             "n_positions": 16, "initializer_range": 0.5}""";
    private static final int[] PROMPT = {3, 1, 4, 1, 5};

    @TempDir
    Path directory = Path.of("");

    @Test
    void aWeightOfAnotherShapeIsRefused() throws IOException {
        save(LLAMA);
        Files.writeString(directory.resolve("config.json"), LLAMA.replace("16", "24"));

        assertRefused("tensor model.layers.0.mlp.gate_proj.weight has shape [16, 8]; config.json asks for [24, 8]");
    }

    @Test
    void aMissingWeightIsNamed() throws IOException {
        save(LLAMA);
        rewrite(name -> name.replace("o_proj", "output"), bytes -> bytes, DType.F32);

        assertRefused("has no tensor model.layers.0.self_attn.o_proj.weight");
    }

    @Test
    void weightsThatAreNoFloatingNumbersAreRefused() throws IOException {
        save(LLAMA);
        rewrite(name -> name, bytes -> bytes, DType.I32);

        assertRefused("tensor model.embed_tokens.weight is stored as I32; weights must be F32, F16 or BF16");
    }

    @ParameterizedTest
    @CsvSource({"NaN,FP32", "Infinity,FP32", "-Infinity,BF16", "NaN,BF16"})
    void weightsThatAreNoNumbersAreRefused(float value, ComputeType type) throws IOException {
        save(LLAMA);
        rewrite(name -> name, bytes -> bytes.putFloat(4, value), DType.F32);

        assertThatThrownBy(() -> LanguageModel.load(directory, type).close())
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining(
                        "model.safetensors: tensor model.embed_tokens.weight has values that are infinite");
    }

    /** As the first published GPT-2 files do, and models saved without their head. */
    @ParameterizedTest
    @ValueSource(strings = {LLAMA, GPT2})
    void namesMayLackTheirFirstPart(String config) throws IOException {
        float[] expected = save(config);
        rewrite(name -> name.replaceFirst("^(model|transformer)\\.", ""), bytes -> bytes, DType.F32);

        try (LanguageModel model = LanguageModel.load(directory, ComputeType.FP32)) {
            assertThat(logits(model)).isEqualTo(expected);
        }
    }

    @Test
    void onlyAModelWhoseWeightsFitIsImported() throws IOException {
        save(LLAMA);
        Files.writeString(directory.resolve("config.json"), LLAMA.replace("20", "21"));

        assertThatThrownBy(() -> ModelImport.copy(directory, directory.resolve("models"), "llama"))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("tensor model.embed_tokens.weight has shape [20, 8]");
        assertThat(directory.resolve("models")).doesNotExist();
    }

    @Test
    void aModelForWhichThereIsNoRoomIsNotCopiedAtAll() throws IOException {
        Path models = directory.resolve("models");
        Path source = ModelImport.copy(Path.of("src/test/resources/golden/llama/model"), models, "small");
        try (RandomAccessFile hole =
                new RandomAccessFile(source.resolve("more.safetensors").toFile(), "rw")) {
            // It takes no room until somebody copies it.
            hole.setLength(directory.toFile().getTotalSpace() + (1 << 20));
        }
        assertThatThrownBy(() -> ModelImport.copy(source, models, "large"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("MB free; make room and import it again");
        assertThat(models).isDirectoryNotContaining("glob:**/{large,.import-*}");
    }

    private void assertRefused(String problem) {
        assertThatThrownBy(() -> LanguageModel.load(directory, ComputeType.FP32).close())
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(problem);
    }

    /** A random model in the directory; the logits behind a prompt. */
    private float[] save(String config) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, config);
        try (LanguageModel model = LanguageModel.random(ModelConfig.read(file), 1)) {
            model.save(directory, DType.F32);
            return logits(model);
        }
    }

    private static float[] logits(LanguageModel model) {
        try (KvCache cache = model.newCache()) {
            return model.next(cache, PROMPT, model.weights());
        }
    }

    /** The same file with other names, types or bytes. */
    private void rewrite(UnaryOperator<String> rename, Function<ByteBuffer, ByteBuffer> change, DType type)
            throws IOException {
        Path file = directory.resolve("model.safetensors");
        List<TensorInfo> infos = new ArrayList<>();
        List<ByteBuffer> contents = new ArrayList<>();
        try (Safetensors source = Safetensors.open(file)) {
            for (TensorInfo info : source.tensors().values()) {
                infos.add(new TensorInfo(rename.apply(info.name()), type, info.shape()));
                ByteBuffer copy = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
                copy.put(source.read(info.name())).flip();
                contents.add(change.apply(copy));
            }
        }
        try (var writer = new SafetensorsWriter(file, infos, Map.of())) {
            for (int i = 0; i < infos.size(); i++) {
                writer.write(infos.get(i).name(), contents.get(i));
            }
            writer.finish();
        }
    }
}
