package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a safetensors file's JSON header as a stream, so that one that describes a million tensors is refused at the first
 * that is too many.
 */
final class SafetensorsHeader {
    /** The largest models have some hundred thousand, in hundreds of files. */
    private static final int MOST_TENSORS = 65_536;

    private static final int MOST_METADATA = 10_000;
    private static final int MOST_NUMBERS = 16;
    private static final JsonFactory JSON = new JsonFactory();

    private final String file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private SafetensorsHeader(String file) {
        this.file = file;
    }

    /** @param file its name, for messages */
    static SafetensorsHeader read(String file, byte[] json) throws IOException {
        SafetensorsHeader header = new SafetensorsHeader(file);
        try (JsonParser parser = JSON.createParser(json)) {
            header.read(parser);
        } catch (JsonProcessingException e) {
            var where = e.getLocation();
            throw new InvalidCheckpoint(
                    file + ": the header is not JSON" + (where == null ? "" : " (byte " + where.getByteOffset() + ")"));
        }
        return header;
    }

    Map<String, TensorInfo> tensors() {
        return tensors;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    private void read(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw invalid("has a header that is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("__metadata__")) {
                readMetadata(parser);
            } else if (tensors.put(name, readTensor(name, parser)) != null) {
                throw invalid("describes tensor " + name + " twice");
            } else if (tensors.size() > MOST_TENSORS) {
                throw invalid("describes more than " + MOST_TENSORS + " tensors");
            }
        }
        if (parser.nextToken() != null) {
            throw invalid("has a header with something behind its JSON object");
        }
    }

    private void readMetadata(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid("has __metadata__ that is not a JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            metadata.put(key, parser.currentToken().isScalarValue() ? parser.getText() : "");
            parser.skipChildren();
            if (metadata.size() > MOST_METADATA) {
                throw invalid("has more than " + MOST_METADATA + " entries of __metadata__");
            }
        }
    }

    private TensorInfo readTensor(String name, JsonParser parser) throws IOException {
        String dtype = "";
        List<Long> shape = null;
        List<Long> offsets = null;
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid("tensor " + name + " is not described by a JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "dtype" -> dtype = parser.currentToken().isScalarValue() ? parser.getText() : "";
                case "shape" -> shape = readLongs(name, field, parser);
                case "data_offsets" -> offsets = readLongs(name, field, parser);
                default -> parser.skipChildren();
            }
        }
        return tensor(name, type(name, dtype), require(name, "shape", shape), require(name, "data_offsets", offsets));
    }

    private DType type(String tensor, String name) {
        for (DType known : DType.values()) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        throw invalid("tensor " + tensor + " has dtype '" + name + "'; known are " + List.of(DType.values()));
    }

    private List<Long> require(String tensor, String field, @Nullable List<Long> found) {
        if (found == null) {
            throw notLongs(tensor, field);
        }
        return found;
    }

    private TensorInfo tensor(String name, DType dtype, List<Long> shape, List<Long> offsets) {
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

    private List<Long> readLongs(String tensor, String field, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw notLongs(tensor, field);
        }
        List<Long> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw notLongs(tensor, field);
            }
            values.add(parser.getLongValue());
            if (values.size() > MOST_NUMBERS) {
                throw invalid("tensor " + tensor + ": " + field + " has more than " + MOST_NUMBERS + " numbers");
            }
        }
        return values;
    }

    private InvalidCheckpoint notLongs(String tensor, String field) {
        return invalid("tensor " + tensor + ": " + field + " must be a list of integers");
    }

    private InvalidCheckpoint invalid(String problem) {
        return new InvalidCheckpoint(file + " " + problem);
    }
}
