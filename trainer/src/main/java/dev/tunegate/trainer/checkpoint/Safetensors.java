package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, then the tensors' bytes, little-endian. The header is
 * checked as a whole when the file is opened, so that a later read can neither leave the file nor another tensor's bytes.
 */
public final class Safetensors implements AutoCloseable {

    /** The limit of the reference implementation. */
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final Path file;
    private final FileChannel channel;
    private final long dataStart;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private Safetensors(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        long size = channel.size();
        if (size < Long.BYTES) {
            throw invalid("is " + size + " bytes long, too short for a safetensors file");
        }
        long headerBytes = map(0, Long.BYTES).getLong();
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > size - Long.BYTES) {
            throw invalid("says its header is " + headerBytes + " bytes long, but the file has " + size
                    + " bytes; it is not a safetensors file or it is cut off");
        }
        dataStart = Long.BYTES + headerBytes;
        byte[] header = new byte[(int) headerBytes];
        map(Long.BYTES, headerBytes).get(header);
        readHeader(header);
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

    private void readHeader(byte[] bytes) {
        JsonNode header;
        try {
            header = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new InvalidCheckpoint(file + ": the header is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new InvalidCheckpoint(file + ": the header is not JSON", e);
        }
        if (!header.isObject()) {
            throw invalid("has a header that is not a JSON object");
        }
        for (var field : header.properties()) {
            if (field.getKey().equals("__metadata__")) {
                field.getValue()
                        .properties()
                        .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                tensors.put(field.getKey(), readInfo(field.getKey(), field.getValue()));
            }
        }
    }

    private TensorInfo readInfo(String name, JsonNode node) {
        String dtypeName = node.path("dtype").asText("");
        DType dtype = null;
        for (DType known : DType.values()) {
            if (known.name().equals(dtypeName)) {
                dtype = known;
            }
        }
        if (dtype == null) {
            throw invalid("tensor " + name + " has dtype '" + dtypeName + "'; known are " + List.of(DType.values()));
        }
        List<Long> shape = readLongs(name, "shape", node.path("shape"));
        List<Long> offsets = readLongs(name, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2) {
            throw invalid("tensor " + name + ": data_offsets must be [begin, end], not " + offsets);
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        long expected = bytes(name, dtype, shape);
        if (begin < 0 || end < begin || end - begin != expected) {
            throw invalid("tensor " + name + ": data_offsets " + offsets + " do not hold the " + expected
                    + " bytes of shape " + shape + " in " + dtype);
        }
        return new TensorInfo(name, dtype, shape, begin, end);
    }

    private long bytes(String name, DType dtype, List<Long> shape) {
        try {
            return TensorInfo.bytes(name, dtype, shape);
        } catch (InvalidCheckpoint e) {
            throw new InvalidCheckpoint(file + " " + e.getMessage(), e);
        }
    }

    private List<Long> readLongs(String tensor, String field, JsonNode node) {
        if (!node.isArray()) {
            throw invalid("tensor " + tensor + ": " + field + " must be a list of integers");
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isIntegralNumber() || !value.canConvertToLong()) {
                throw invalid("tensor " + tensor + ": " + field + " must be a list of integers, found " + value);
            }
            values.add(value.longValue());
        }
        return values;
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
