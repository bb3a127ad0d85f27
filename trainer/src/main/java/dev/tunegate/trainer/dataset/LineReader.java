package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file's lines as JSON objects of one form, checked. Holds one line at a time, so that a file of any size can
 * be gone through.
 */
final class LineReader implements AutoCloseable {

    private static final int DEEPEST = 64;

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(Lines.LONGEST)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final DataFile file;
    private final TrainingMethod method;
    private final Lines lines;
    private @Nullable LineFormat format;

    LineReader(DataFile file, TrainingMethod method) throws IOException {
        this.file = file;
        this.method = method;
        this.lines = new Lines(file);
    }

    /** The next example, checked; null after the last one. */
    @Nullable
    JsonNode next() throws IOException, InvalidDataset {
        String text = lines.next();
        if (text == null) {
            if (lines.examples() < DataFile.FEWEST_EXAMPLES) {
                throw file.tooFew(lines.examples());
            }
            return null;
        }
        JsonNode line = parse(text);
        LineFormat found = LineFormat.of(line);
        if (format == null) {
            format = accepted(found);
        } else if (found != format && !(found == LineFormat.REINFORCEMENT && format == LineFormat.CHAT)) {
            throw place().invalid("is not in the %s format of the examples before it".formatted(format.apiName()));
        }
        LineChecks checks = new LineChecks(place());
        checks.check(line, format, method);
        return line;
    }

    Place place() {
        return lines.place();
    }

    int examples() {
        return lines.examples();
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private LineFormat accepted(@Nullable LineFormat found) throws InvalidDataset {
        if (found == null) {
            throw file.invalid("Unexpected file format, expected either prompt/completion pairs or chat messages.");
        }
        if (!found.suits(method)) {
            throw file.invalid(
                    ("Invalid file format. Input file %s is in the %s format, but the specified fine-tuning job"
                                    + " is not using '%s' as the training method (provided method=%s).")
                            .formatted(
                                    file.id(), found.apiName(), found.method().apiName(), method.apiName()));
        }
        return found;
    }

    private JsonNode parse(String text) throws InvalidDataset {
        JsonNode line;
        try {
            line = JSON.readTree(text);
        } catch (StreamConstraintsException e) {
            throw place().invalid(
                            "exceeds a limit%s: it is nested deeper than %d levels, or has a very long number or name"
                                    .formatted(JsonFault.column(e), DEEPEST));
        } catch (JsonProcessingException e) {
            throw place().invalid("is not valid JSON%s: %s".formatted(JsonFault.column(e), JsonFault.words(e)));
        }
        if (!line.isObject()) {
            String kind = line.getNodeType().name().toLowerCase(Locale.ROOT);
            throw place().invalid("is a JSON %s; each line must be one JSON object".formatted(kind));
        }
        return line;
    }
}
