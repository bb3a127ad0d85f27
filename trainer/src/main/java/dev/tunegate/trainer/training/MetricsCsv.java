package dev.tunegate.trainer.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code step_metrics.csv}, the result file of a job: OpenAI's columns, five decimals, blank where not measured. DPO's
 * rewards follow in columns of their own.
 */
public final class MetricsCsv {
    private static final String HEADER = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy";
    private static final List<String> REWARDS =
            List.of(RewardMetrics.CHOSEN, RewardMetrics.REJECTED, RewardMetrics.MARGINS, RewardMetrics.ACCURACIES);

    private MetricsCsv() {}

    public static void write(List<StepMetrics> steps, Path file) throws IOException {
        boolean rewarded = steps.stream().anyMatch(step -> !step.rewards().isEmpty());
        List<String> columns = rewarded ? REWARDS : List.of();
        StringBuilder csv = new StringBuilder(HEADER);
        columns.forEach(column -> csv.append(',').append(column));
        csv.append('\n');
        for (StepMetrics step : steps) {
            csv.append(step.step())
                    .append(number(step.trainLoss()))
                    .append(number(step.trainAccuracy()))
                    .append(number(step.validLoss()))
                    .append(number(step.validAccuracy()));
            columns.forEach(column -> csv.append(number(step.rewards().get(column))));
            csv.append('\n');
        }
        Files.writeString(file, csv);
    }

    private static String number(@Nullable Double value) {
        return value == null ? "," : String.format(Locale.ROOT, ",%.5f", value);
    }
}
