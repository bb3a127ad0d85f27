package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the small JSON files of a model's or an adapter's directory, which may come from anywhere: one that is too large is not
 * read, and no message repeats what is in one that is no JSON. It may be a link to a file that is nobody's business.
 */
public final class JsonFile {
    /** The longest are tokenizers' configurations, with thousands of special tokens. */
    private static final long MOST_BYTES = 32L << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonFile() {}

    /**
     * What a file says.
     *
     * @throws InvalidCheckpoint when it is no JSON, or too large
     */
    public static JsonNode read(Path file) throws IOException {
        requireSize(file, MOST_BYTES);
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw notJson(file, e);
        }
    }

    /** Refuses a file that is too large to be what it should. */
    public static void requireSize(Path file, long mostBytes) throws IOException {
        long bytes = Files.size(file);
        if (bytes > mostBytes) {
            throw new InvalidCheckpoint(file + " has " + bytes + " bytes; at most " + mostBytes + " are read");
        }
    }

    /** The error of a file that is no JSON: its place, without the words of the parser, which quote what it found. */
    public static InvalidCheckpoint notJson(Path file, JsonProcessingException fault) {
        var where = fault.getLocation();
        String place = where == null ? "" : " (line " + where.getLineNr() + ", column " + where.getColumnNr() + ")";
        return new InvalidCheckpoint(file + " is not JSON" + place);
    }
}
