package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.DataFile;
import dev.tunegate.trainer.dataset.Dataset;
import dev.tunegate.trainer.dataset.DatasetFile;
import dev.tunegate.trainer.dataset.ExampleEncoder;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.dataset.TrainingItem;
import dev.tunegate.trainer.dataset.TrainingMethod;
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
public record TrainingData(
        List<? extends TrainingItem> training, List<? extends TrainingItem> validation, List<String> notes) {

    /**
     * Reads and checks the files.
     *
     * @param method decides the form of the lines
     */
    public static TrainingData read(
            DataFile trainingFile, @Nullable DataFile validationFile, TrainingMethod method, ExampleEncoder encoder)
            throws IOException, InvalidDataset {
        Dataset<?> training = read(trainingFile, method, encoder);
        List<String> notes = new ArrayList<>(training.notes());
        if (validationFile == null) {
            return new TrainingData(training.examples(), List.of(), notes);
        }
        Dataset<?> validation = read(validationFile, method, encoder);
        validation.notes().forEach(note -> notes.add("Validation file: " + note));
        return new TrainingData(training.examples(), validation.examples(), notes);
    }

    private static Dataset<?> read(DataFile file, TrainingMethod method, ExampleEncoder encoder)
            throws IOException, InvalidDataset {
        return switch (method) {
            case SUPERVISED -> DatasetFile.read(file, encoder);
            case DPO -> DatasetFile.readPairs(file, encoder);
            case REINFORCEMENT -> throw new IllegalArgumentException("no training with the method reinforcement");
        };
    }
}
