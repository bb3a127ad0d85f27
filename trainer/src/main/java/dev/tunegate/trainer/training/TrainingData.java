package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.DataFile;
import dev.tunegate.trainer.dataset.Dataset;
import dev.tunegate.trainer.dataset.DatasetFile;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokenized examples of a training.
 *
 * @param validation empty without a validation file
 * @param notes what a person should know about how the files were read
 */
public record TrainingData(List<Example> training, List<Example> validation, List<String> notes) {

    /**
     * Reads and checks the files.
     *
     * @param contextLength tokens kept of an example
     */
    public static TrainingData read(
            DataFile trainingFile,
            @Nullable DataFile validationFile,
            Tokenizer tokenizer,
            ChatTemplate template,
            int contextLength)
            throws IOException, InvalidDataset {
        Dataset training = DatasetFile.read(trainingFile, tokenizer, template, contextLength);
        List<String> notes = new ArrayList<>(training.notes());
        if (validationFile == null) {
            return new TrainingData(training.examples(), List.of(), notes);
        }
        Dataset validation = DatasetFile.read(validationFile, tokenizer, template, contextLength);
        validation.notes().forEach(note -> notes.add("Validation file: " + note));
        return new TrainingData(training.examples(), validation.examples(), notes);
    }
}
