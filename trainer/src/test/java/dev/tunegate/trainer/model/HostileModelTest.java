package dev.tunegate.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Model directories that come from anywhere: the import refuses what they should not have, soon, and says where. */
@Timeout(20)
class HostileModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "root:x:0:0:secret";

    @TempDir
    Path dir;

    private Path source;

    @BeforeEach
    void aModel() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden/llama/model"))) {
            for (Path file : files.toList()) {
                Files.copy(file, source.resolve(file.getFileName()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"num_hidden_layers": 1000000000}                     | num_hidden_layers is 1000000000, must be at most
                    {"hidden_size": 2147483647}                           | hidden_size is 2147483647, must be at most
                    {"intermediate_size": 2147483647}                     | intermediate_size is 2147483647, must be at most
                    {"vocab_size": 2147483647}                            | vocab_size is 2147483647, must be at most
                    {"num_attention_heads": 1000000}                      | num_attention_heads is 1000000, must be at most
                    {"head_dim": 2147483646}                              | head_dim is 2147483646, must be at most
                    {"max_position_embeddings": 2147483647}               | max_position_embeddings is 2147483647, must be at most
                    {"rope_theta": -10000}                                | rope_theta is -10000.0, must be a number above 0
                    {"rope_theta": 0}                                     | rope_theta is 0.0, must be a number above 0
                    {"rope_theta": 1e999}                                 | rope_theta must be a number
                    {"rope_theta": "NaN"}                                 | rope_theta must be a number, found "NaN"
                    {"rms_norm_eps": 0}                                   | rms_norm_eps is 0.0, must be a number above 0
                    {"rms_norm_eps": -1e999}                              | rms_norm_eps must be a number
                    {"rope_scaling": {"rope_type": "linear", "factor": 0}} | factor is 0.0, must be a number above 0
                    {"rope_scaling": {"rope_type": "yarn", "factor": 2, "beta_fast": -1}} | beta_fast is -1.0, must be a number above 0
                    {"rope_scaling": {"rope_type": "yarn", "original_max_position_embeddings": 0}} | original_max_position_embeddings is 0, must be at least 1
                    """)
    void numbersThatNoModelHasAreRefusedByTheirField(String fields, String problem) throws IOException {
        Path file = source.resolve("config.json");
        ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
        config.remove("rope_parameters");
        JSON.readTree(fields).fieldNames().forEachRemaining(config::remove);
        // Put together as text, because a number that no double holds does not survive being read.
        Files.writeString(
                file, fields.strip().replaceFirst("}$", ",") + config.toString().substring(1));

        assertRefused().hasMessageContaining("config.json").hasMessageContaining(problem);
    }

    @Test
    void aConfigurationThatIsTooLargeIsNotRead() throws IOException {
        try (var file =
                new java.io.RandomAccessFile(source.resolve("config.json").toFile(), "rw")) {
            file.setLength(1L << 40); // of holes
        }

        assertRefused().hasMessageContaining("config.json has 1099511627776 bytes; at most ");
    }

    @Test
    void aHeaderWithTooManyTensorsIsRefused() throws IOException {
        writeHeader(IntStream.range(0, 70_000)
                .mapToObj("\"%d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"::formatted)
                .collect(Collectors.joining(",", "{", "}")));

        assertRefused().hasMessageContaining("model.safetensors describes more than 65536 tensors");
    }

    @Test
    void aHeaderThatIsTooLongIsNotRead() throws IOException {
        writeHeader("{}" + " ".repeat(26_000_000));

        assertRefused().hasMessageContaining("has a header of 26000002 bytes; at most 25000000 are read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "special_tokens_map.json",
                "generation_config.json",
                "model.safetensors.index.json"
            })
    void whatIsNoJsonIsNotRepeated(String name) throws IOException {
        Files.writeString(source.resolve(name), SECRET);

        assertRefused()
                .hasMessageContaining(name + " is not JSON (line 1, column ")
                .satisfies(
                        e -> assertThat(e.getMessage()).doesNotContain("root").doesNotContain("secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "chat_template.jinja", "tokenizer_config.json", "extra.safetensors"})
    void aLinkOutOfTheDirectoryIsNotFollowed(String name) throws IOException {
        Path secret = Files.writeString(dir.resolve("passwd"), SECRET);
        Files.deleteIfExists(source.resolve(name));
        Files.createSymbolicLink(source.resolve(name), secret);

        assertRefused()
                .hasMessage(source.resolve(name)
                        + " is a link that leads out of the model's directory. Copy the file there instead.");
        assertThat(dir.resolve("models/tiny")).doesNotExist();
    }

    @Test
    void theLinksOfAHuggingFaceCacheAre() throws IOException {
        Path cache = dir.resolve("models--meta--tiny");
        Path blobs = Files.createDirectories(cache.resolve("blobs"));
        Path snapshot = Files.createDirectories(cache.resolve("snapshots/0123abcd"));
        try (Stream<Path> files = Files.list(source)) {
            int number = 0;
            for (Path file : files.toList()) {
                String blob = "%040x".formatted(++number);
                Files.copy(file, blobs.resolve(blob));
                Files.createSymbolicLink(snapshot.resolve(file.getFileName()), Path.of("../../blobs/" + blob));
            }
        }

        Path imported = ModelImport.copy(snapshot, dir.resolve("models"), "tiny");

        assertThat(imported.resolve("config.json"))
                .isRegularFile()
                .hasSameBinaryContentAs(source.resolve("config.json"));
        assertThat(Files.isSymbolicLink(imported.resolve("config.json"))).isFalse();
    }

    private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertRefused() {
        return assertThatThrownBy(() -> ModelImport.copy(source, dir.resolve("models"), "tiny"))
                .isInstanceOf(InvalidCheckpoint.class);
    }

    private void writeHeader(String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(
                source.resolve("model.safetensors"),
                file.putLong(json.length).put(json).array());
    }
}
