package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Goes through a file of examples: to check it, or to tokenize it for supervised training. */
public final class DatasetFile {

    private DatasetFile() {}

    /**
     * Checks every line without a tokenizer.
     *
     * @return how many examples the file has
     * @throws InvalidDataset with the first fault and its place
     * @throws IOException when the file cannot be read
     */
    public static int check(DataFile file, TrainingMethod method) throws IOException, InvalidDataset {
        try (LineReader lines = new LineReader(file, method)) {
            JsonNode line;
            do {
                line = lines.next();
            } while (line != null);
            return lines.examples();
        }
    }

    /**
     * Checks and tokenizes every line.
     *
     * @param contextLength what an example is cut to, in tokens
     * @throws InvalidDataset with the first fault and its place; also where the chat template refuses an example
     * @throws IOException when the file cannot be read
     */
    public static Dataset read(DataFile file, Tokenizer tokenizer, ChatTemplate template, int contextLength)
            throws IOException, InvalidDataset {
        ExampleEncoder encoder = new ExampleEncoder(tokenizer, template, contextLength);
        List<Example> examples = new ArrayList<>();
        int truncated = 0;
        int dropped = 0;
        try (LineReader lines = new LineReader(file, TrainingMethod.SUPERVISED)) {
            for (JsonNode line = lines.next(); line != null; line = lines.next()) {
                Example whole = encoder.encode(line, lines.place());
                Example kept = encoder.cut(whole);
                truncated += kept.tokens().length < whole.tokens().length ? 1 : 0;
                if (learnsAnything(kept)) {
                    examples.add(kept);
                } else {
                    dropped++;
                }
            }
        }
        if (examples.isEmpty()) {
            throw file.invalid("No example has anything to learn within %d tokens: every assistant message has weight 0"
                            .formatted(contextLength)
                    + " or lies behind them.");
        }
        return new Dataset(examples, contextLength, truncated, dropped);
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
