package dev.tunegate.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {

    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "vocab_size": 384, "hidden_size": 64, "intermediate_size": 128,
             "num_hidden_layers": 2, "num_attention_heads": 4, "torch_dtype": "float32"}""";

    @TempDir
    Path directory = Path.of("");

    @BeforeEach
    void writeConfig() throws IOException {
        Files.writeString(directory.resolve("config.json"), CONFIG);
    }

    @Test
    void shardsAreFoundThroughTheIndex() throws IOException {
        write("one.safetensors", "a");
        write("two.safetensors", "b");
        index("{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");

        try (ModelDirectory model = ModelDirectory.open(directory)) {
            assertThat(model.fileOf("b").read("b").remaining()).isEqualTo(4);
            assertThatThrownBy(() -> model.fileOf("c")).hasMessageContaining("has no tensor c");
        }
    }

    @Test
    void aTensorThatTwoShardsHaveIsRefused() throws IOException {
        write("one.safetensors", "a");
        write("two.safetensors", "a");
        index("{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");

        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContainingAll("tensor a is in", "one.safetensors", "two.safetensors");
    }

    @ParameterizedTest
    @CsvSource({"b,one.safetensors", "a,two.safetensors"})
    void aTensorThatItsShardLacksIsRefused(String tensor, String file) throws IOException {
        write("one.safetensors", "a");
        write("two.safetensors", "c");
        index("{\"weight_map\": {\"c\": \"two.safetensors\", \"%s\": \"%s\"}}".formatted(tensor, file));

        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("says that " + file + " has the tensor " + tensor + ", but it does not");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside.safetensors", "/etc/passwd", "missing.safetensors", "sub/one.safetensors"})
    void anIndexCannotNameFilesElsewhere(String name) throws IOException {
        write("one.safetensors", "a");
        index("{\"weight_map\": {\"a\": \"" + name + "\"}}");

        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("names '" + name + "'");
    }

    @Test
    void aDirectoryWithoutAConfigurationIsNoModel() throws IOException {
        Files.delete(directory.resolve("config.json"));
        assertThatThrownBy(() -> ModelDirectory.open(directory)).hasMessageContaining("has no config.json");
    }

    @Test
    void pickledWeightsAreNotRead() throws IOException {
        Files.createFile(directory.resolve("pytorch_model.bin"));
        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .hasMessageContaining("neither model.safetensors nor model.safetensors.index.json");
    }

    @Test
    void aCopiedDescriptionSaysHowWeightsAreStoredAndBringsTheTokenizer() throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), "{}");
        Files.writeString(directory.resolve("modeling_evil.py"), "import os");
        Path copy = directory.resolve("copy");

        ModelDirectory.copyDescription(directory, copy, DType.BF16);

        assertThat(copy.resolve("config.json")).content().contains("\"torch_dtype\" : \"bfloat16\"");
        assertThat(copy.resolve("tokenizer.json")).hasContent("{}");
        assertThat(copy.resolve("modeling_evil.py")).doesNotExist();
    }

    private void write(String file, String tensor) throws IOException {
        var infos = List.of(new TensorInfo(tensor, DType.F32, List.of(1L)));
        try (var writer = new SafetensorsWriter(directory.resolve(file), infos, Map.of())) {
            writer.write(tensor, ByteBuffer.allocate(4));
            writer.finish();
        }
    }

    private void index(String json) throws IOException {
        Files.writeString(directory.resolve("model.safetensors.index.json"), json);
    }
}
