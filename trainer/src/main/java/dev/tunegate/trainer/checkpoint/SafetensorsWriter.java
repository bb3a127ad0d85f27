package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file tensor by tensor, so that a model need not be in memory twice. The file gets its name only when
 * it is complete: {@link #finish} moves it there.
 */
public final class SafetensorsWriter implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Path partial;
    private final FileChannel channel;
    private final List<TensorInfo> tensors;
    private int next;
    private long left;

    /**
     * Begins a file.
     *
     * @param tensors names, types and shapes in the order in which their bytes will follow
     */
    public SafetensorsWriter(Path file, List<TensorInfo> tensors, Map<String, String> metadata) throws IOException {
        this.file = file;
        this.tensors = List.copyOf(tensors);
        this.partial = file.resolveSibling(file.getFileName() + ".partial");
        byte[] header = header(tensors, metadata);
        channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        writeFully(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .flip());
        writeFully(ByteBuffer.wrap(header));
    }

    private static byte[] header(List<TensorInfo> tensors, Map<String, String> metadata) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            header.set("__metadata__", JSON.valueToTree(metadata));
        }
        long offset = 0;
        for (TensorInfo tensor : tensors) {
            ObjectNode node = header.putObject(tensor.name());
            node.put("dtype", tensor.dtype().name());
            node.set("shape", JSON.valueToTree(tensor.shape()));
            node.putArray("data_offsets").add(offset).add(offset + tensor.bytes());
            offset += tensor.bytes();
        }
        // The header is padded so that the data begins at a multiple of eight bytes, as the reference implementation
        // does.
        String json = JSON.writeValueAsString(header);
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        return (json + " ".repeat(Math.floorMod(-length, 8))).getBytes(StandardCharsets.UTF_8);
    }

    /** Writes bytes of the tensor whose turn it is; a tensor may come in several pieces. */
    public void write(String name, ByteBuffer bytes) throws IOException {
        if (left == 0) {
            if (next == tensors.size() || !tensors.get(next).name().equals(name)) {
                throw new IllegalStateException("tensor " + name + " is not the next in the header");
            }
            left = tensors.get(next++).bytes();
        }
        if (bytes.remaining() > left || !tensors.get(next - 1).name().equals(name)) {
            throw new IllegalStateException("tensor " + tensors.get(next - 1).name() + " has " + left + " bytes left; "
                    + bytes.remaining() + " of " + name + " came");
        }
        left -= bytes.remaining();
        writeFully(bytes);
    }

    /** Makes the file durable and gives it its name. */
    public void finish() throws IOException {
        if (left != 0 || next != tensors.size()) {
            throw new IllegalStateException("tensors are missing: " + next + " of " + tensors.size() + " written");
        }
        channel.force(true);
        channel.close();
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Throws away what {@link #finish} has not completed. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(partial);
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
