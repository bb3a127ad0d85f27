package dev.tunegate.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

    @TempDir
    Path directory = Path.of("");

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path file = directory.resolve("two.safetensors");
        var infos =
                List.of(new TensorInfo("b", DType.F32, List.of(2L, 2L)), new TensorInfo("a", DType.BF16, List.of(3L)));
        try (var writer = new SafetensorsWriter(file, infos, Map.of("format", "pt"))) {
            writer.write("b", bytes(8, 1));
            writer.write("b", bytes(8, 9));
            writer.write("a", bytes(6, 17));
            writer.finish();
        }
        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
            assertThat(read.tensors().keySet()).containsExactlyInAnyOrder("a", "b");
            assertThat(read.info("b").shape()).containsExactly(2L, 2L);
            assertThat(read.read("b")).isEqualTo(bytes(16, 1));
            ByteBuffer half = ByteBuffer.allocate(8);
            read.read("b", 8, half);
            assertThat(half.flip()).isEqualTo(bytes(8, 9));
            assertThatThrownBy(() -> read.read("b", 9, half)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThat(read.read("a")).isEqualTo(bytes(6, 17));
        }
        assertThat(Files.readAllBytes(file).length % 8)
                .as("22 bytes of data behind a header padded to 8")
                .isEqualTo(22 % 8);
    }

    @Test
    void anUnfinishedFileLeavesNothingBehind() throws IOException {
        Path file = directory.resolve("half.safetensors");
        var infos = List.of(new TensorInfo("a", DType.F32, List.of(2L)));
        try (var writer = new SafetensorsWriter(file, infos, Map.of())) {
            writer.write("a", bytes(4, 1));
            assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void tensorsAreWrittenInTheHeadersOrderAndSize() throws IOException {
        var infos = List.of(new TensorInfo("a", DType.F32, List.of(1L)), new TensorInfo("b", DType.F32, List.of(1L)));
        try (var writer = new SafetensorsWriter(directory.resolve("f"), infos, Map.of())) {
            assertThatThrownBy(() -> writer.write("b", bytes(4, 1))).hasMessageContaining("b is not the next");
            assertThatThrownBy(() -> writer.write("a", bytes(8, 1))).hasMessageContaining("4 bytes left");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    not json                                                                     | 8 | the header is not JSON
                    []                                                                           | 8 | header that is not a JSON object
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | 8 | describes tensor a twice
                    {"a":{"dtype":"F12","shape":[2],"data_offsets":[0,8]}}                       | 8 | dtype 'F12'; known are
                    {"a":{"shape":[2],"data_offsets":[0,8]}}                                     | 8 | dtype ''
                    {"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}                         | 8 | shape must be a list of integers
                    {"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}                     | 8 | shape must be a list of integers
                    {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}                      | 8 | negative size
                    {"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,8]}}   | 8 | more than 2^63 bytes
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}                         | 8 | data_offsets must be [begin, end]
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}                       | 8 | do not hold the 8 bytes
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}                      | 8 | do not hold the 8 bytes
                    {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}                       | 8 | do not hold the 12 bytes
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | 8 | overlap or leave a gap
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                       | 8 | overlap or leave a gap
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                       | 7 | the file is cut off
                    {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                       | 9 | describes 8 bytes of tensors but holds 9
                    """)
    void aBadHeaderIsRefusedBeforeAnythingIsRead(String header, int dataBytes, String problem) throws IOException {
        Path file = directory.resolve("bad.safetensors");
        byte[] json = header.strip().getBytes(StandardCharsets.UTF_8);
        ByteBuffer content = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        content.putLong(json.length).put(json);
        Files.write(file, content.array());

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("bad.safetensors")
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource({"0,3", "8,-1", "8,9223372036854775807", "8,200", "8,1"})
    void aHeaderLengthThatCannotBeIsRefused(int fileBytes, long headerBytes) throws IOException {
        Path file = directory.resolve("length.safetensors");
        byte[] content = ByteBuffer.allocate(Math.max(8, fileBytes + 8))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerBytes)
                .array();
        Files.write(file, fileBytes == 0 ? new byte[3] : content);

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("length.safetensors");
    }

    @Test
    void aTensorThatIsNotThereIsNamed() throws IOException {
        Path file = directory.resolve("empty.safetensors");
        try (var writer = new SafetensorsWriter(file, List.of(), Map.of())) {
            writer.finish();
        }
        try (Safetensors read = Safetensors.open(file)) {
            assertThatThrownBy(() -> read.read("lm_head.weight"))
                    .isInstanceOf(InvalidCheckpoint.class)
                    .hasMessageContaining("empty.safetensors has no tensor lm_head.weight");
        }
    }

    private static ByteBuffer bytes(int count, int first) {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            bytes.put((byte) (first + i));
        }
        return bytes.flip();
    }
}
