package dev.tunegate.trainer.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code step_metrics.csv}, the result file of a job: OpenAI's columns, five decimals, blank where not measured. */
public final class MetricsCsv {
    private static final String HEADER = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n";

    private MetricsCsv() {}

    public static void write(List<StepMetrics> steps, Path file) throws IOException {
        StringBuilder csv = new StringBuilder(HEADER);
        for (StepMetrics step : steps) {
            csv.append(step.step())
                    .append(',')
                    .append(number(step.trainLoss()))
                    .append(',')
                    .append(number(step.trainAccuracy()))
                    .append(',')
                    .append(number(step.validLoss()))
                    .append(',')
                    .append(number(step.validAccuracy()))
                    .append('\n');
        }
        Files.writeString(file, csv);
    }

    private static String number(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.5f", value);
    }
}
