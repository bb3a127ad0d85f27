package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Goes through a file of examples: to check it, or to tokenize it for training. */
public final class DatasetFile {

    private DatasetFile() {}

    /**
     * Checks every line without a tokenizer.
     *
     * @return how many examples the file has
     * @throws InvalidDataset with the first fault and its place
     * @throws IOException when the file cannot be read
     */
    public static int check(DataFile file, TrainingMethod method, Stop stop) throws IOException, InvalidDataset {
        try (LineReader lines = new LineReader(file, method, stop)) {
            JsonNode line;
            do {
                line = lines.next();
            } while (line != null);
            return lines.examples();
        }
    }

    /**
     * Checks and tokenizes every line of a file for supervised training.
     *
     * @throws InvalidDataset with the first fault and its place; also where the chat template refuses an example
     * @throws IOException when the file cannot be read
     */
    public static Dataset<Example> read(DataFile file, ExampleEncoder encoder) throws IOException, InvalidDataset {
        return read(file, TrainingMethod.SUPERVISED, encoder, encoder::encode, encoder::cut);
    }

    /** Goes through a file of preferences: each line is the preferred answer and the other one. */
    public static Dataset<PreferencePair> readPairs(DataFile file, ExampleEncoder encoder)
            throws IOException, InvalidDataset {
        return read(file, TrainingMethod.DPO, encoder, encoder::pair, encoder::cut);
    }

    /** Makes what is to be trained of a checked line. */
    private interface Encoding<T> {
        T encode(JsonNode line, Place place) throws InvalidDataset;
    }

    private static <T extends TrainingItem> Dataset<T> read(
            DataFile file, TrainingMethod method, ExampleEncoder encoder, Encoding<T> encoding, UnaryOperator<T> cut)
            throws IOException, InvalidDataset {
        List<T> examples = new ArrayList<>();
        int truncated = 0;
        int dropped = 0;
        try (LineReader lines = new LineReader(file, method, encoder.stop())) {
            for (JsonNode line = lines.next(); line != null; line = lines.next()) {
                T whole = encoding.encode(line, lines.place());
                T kept = cut.apply(whole);
                truncated += kept.tokenCount() < whole.tokenCount() ? 1 : 0;
                if (kept.sequences().stream().allMatch(DatasetFile::learnsAnything)) {
                    examples.add(kept);
                } else {
                    dropped++;
                }
            }
        }
        if (examples.isEmpty()) {
            throw file.invalid("No example has anything to learn within %d tokens: what the assistant says has weight 0"
                            .formatted(encoder.contextLength())
                    + " or lies behind them.");
        }
        return new Dataset<>(examples, encoder.contextLength(), truncated, dropped);
    }

    // Nothing comes before the first token that it could be predicted from.
    private static boolean learnsAnything(Example example) {
        boolean[] trained = example.trained();
        for (int i = 1; i < trained.length; i++) {
            if (trained[i]) {
                return true;
            }
        }
        return false;
    }
}
