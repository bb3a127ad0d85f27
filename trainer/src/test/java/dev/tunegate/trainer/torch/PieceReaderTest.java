package dev.tunegate.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PieceReaderTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path dir;

    @Test
    void aLargeTensorIsReadThroughOneBufferThatDoesNotGrowWithIt() throws IOException {
        int elements = (10 << 20) + 3;
        Path file = dir.resolve("large.safetensors");
        write(file, elements);
        try (NDManager manager = Torch.newManager();
                Tensors tensors = new Tensors(manager);
                Safetensors opened = Safetensors.open(file)) {
            NDArray target = tensors.zeros(manager, DType.F32, elements + 1);
            long before = inBuffers();

            new PieceReader(tensors).read(opened, "x", target, 1);

            assertThat(inBuffers() - before).as("40 MiB of numbers").isLessThan(17 * MIB);
            float[] read = target.toFloatArray();
            assertThat(read[0]).isZero();
            for (int i = 0; i < elements; i++) {
                if (read[i + 1] != value(i)) {
                    assertThat(read[i + 1]).as("element %d", i).isEqualTo(value(i));
                }
            }
        }
    }

    /** Exact in bfloat16. */
    private static float value(int i) {
        return i % 255 - 127;
    }

    private static void write(Path file, int elements) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(2 * elements).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            bytes.putShort((short) (Float.floatToIntBits(value(i)) >>> Short.SIZE));
        }
        List<TensorInfo> infos = List.of(new TensorInfo("x", DType.BF16, List.of((long) elements)));
        try (var writer = new SafetensorsWriter(file, infos, Map.of())) {
            writer.write("x", bytes.flip());
            writer.finish();
        }
    }

    /** Also of mapped files. */
    private static long inBuffers() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
