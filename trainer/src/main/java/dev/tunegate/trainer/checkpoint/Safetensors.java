package dev.tunegate.trainer.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, then the tensors' bytes, little-endian. The header is
 * checked as a whole when the file is opened, so that a later read can neither leave the file nor another tensor's bytes.
 */
public final class Safetensors implements AutoCloseable {

    /** A quarter of what the reference implementation allows, and more than the largest models need for a file. */
    private static final long MAX_HEADER_BYTES = 25_000_000;

    private final Path file;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, String> metadata;

    private Safetensors(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        long size = channel.size();
        if (size < Long.BYTES) {
            throw invalid("is " + size + " bytes long, too short for a safetensors file");
        }
        long headerBytes = map(0, Long.BYTES).getLong();
        if (headerBytes > MAX_HEADER_BYTES && headerBytes <= size - Long.BYTES) {
            throw invalid("has a header of " + headerBytes + " bytes; at most " + MAX_HEADER_BYTES + " are read");
        }
        if (headerBytes < 2 || headerBytes > size - Long.BYTES) {
            throw invalid("says its header is " + headerBytes + " bytes long, but the file has " + size
                    + " bytes; it is not a safetensors file or it is cut off");
        }
        dataStart = Long.BYTES + headerBytes;
        byte[] header = new byte[(int) headerBytes];
        map(Long.BYTES, headerBytes).get(header);
        SafetensorsHeader read = SafetensorsHeader.read(file.toString(), header);
        tensors = read.tensors();
        metadata = read.metadata();
        checkLayout(size - dataStart);
    }

    /** Opens a file and checks its header. */
    public static Safetensors open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            return new Safetensors(file, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Where it lies. */
    public Path file() {
        return file;
    }

    /** The tensors by name, in the order of the header. */
    public Map<String, TensorInfo> tensors() {
        return Map.copyOf(tensors);
    }

    /** The header's {@code __metadata__}. */
    public Map<String, String> metadata() {
        return Map.copyOf(metadata);
    }

    /** The tensor of that name; an error that names the file if there is none. */
    public TensorInfo info(String name) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw invalid("has no tensor " + name);
        }
        return info;
    }

    /** The bytes of a tensor of less than 2 GiB: a little-endian view of the file, without a copy. */
    public ByteBuffer read(String name) throws IOException {
        TensorInfo info = info(name);
        return map(dataStart + info.begin(), info.bytes());
    }

    /**
     * Fills a buffer with bytes of a tensor. Unlike {@link #read} that leaves nothing behind: what is mapped counts as the
     * process's memory until the garbage collector comes by.
     *
     * @param first of the tensor's bytes
     */
    public void read(String name, long first, ByteBuffer into) throws IOException {
        TensorInfo info = info(name);
        if (first < 0 || first > info.bytes() - into.remaining()) {
            throw new IndexOutOfBoundsException(
                    name + " has " + info.bytes() + " bytes; asked for " + into.remaining() + " from " + first);
        }
        long position = dataStart + info.begin() + first;
        while (into.hasRemaining()) {
            int count = channel.read(into, position);
            if (count < 0) {
                throw new IOException(file + " has become shorter while it was read");
            }
            position += count;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The tensors must cover the data exactly: no overlap, no gap, no end behind the file's. */
    private void checkLayout(long dataBytes) {
        List<TensorInfo> ordered = new ArrayList<>(tensors.values());
        ordered.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long covered = 0;
        for (TensorInfo info : ordered) {
            if (info.begin() != covered) {
                throw invalid("tensor " + info.name() + " begins at byte " + info.begin()
                        + " but the one before ends at " + covered + ": tensors overlap or leave a gap");
            }
            covered = info.end();
        }
        if (covered != dataBytes) {
            throw invalid("describes " + covered + " bytes of tensors but holds " + dataBytes
                    + (covered > dataBytes ? "; the file is cut off" : ""));
        }
    }

    private ByteBuffer map(long position, long bytes) throws IOException {
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(bytes + " bytes do not fit in one buffer: read rows");
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, position, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private InvalidCheckpoint invalid(String problem) {
        return new InvalidCheckpoint(file + " " + problem);
    }
}
