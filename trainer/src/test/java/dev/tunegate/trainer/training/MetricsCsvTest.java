package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsCsvTest {
    private static final StepMetrics TRAIN_ONLY = new StepMetrics(1, 2, 2.5, 0.25, null, null, null, null);
    private static final StepMetrics ALL = new StepMetrics(2, 2, 1.234567, 0.5, 1.5, 0.4, 1.6, 0.375);

    @Test
    void valuesHaveFiveDecimalsAndWhatIsNotMeasuredIsBlank(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("step_metrics.csv");
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            MetricsCsv.write(List.of(TRAIN_ONLY, ALL), file);
        } finally {
            Locale.setDefault(before);
        }

        assertThat(file).hasContent("""
                        step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
                        1,2.50000,0.25000,,
                        2,1.23457,0.50000,1.50000,0.40000
                        """);
    }

    @Test
    void dposRewardsHaveColumnsOfTheirOwn(@TempDir Path dir) throws Exception {
        Metrics.Rewards rewards = new Metrics.Rewards(1, -0.5, 3, 4);
        Metrics pairs = new Metrics(4 * 0.6, 20, 10, 1, rewards);
        StepMetrics step =
                new StepMetrics(1, 2, 0.6, 0.5, null, null, null, null, RewardMetrics.of(pairs, pairs, null));
        Path file = dir.resolve("step_metrics.csv");
        MetricsCsv.write(List.of(step), file);

        assertThat(pairs.loss()).as("a mean over pairs").isEqualTo(0.6);
        assertThat(file).hasContent("""
                        step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy,rewards/chosen,rewards/rejected,rewards/margins,rewards/accuracies
                        1,0.60000,0.50000,,,0.25000,-0.12500,0.37500,0.75000
                        """);
        ObjectMapper json = new ObjectMapper();
        String written = json.writeValueAsString(step);
        assertThat(written)
                .contains("\"rewards/margins\":0.375", "\"valid_rewards/accuracies\":0.75")
                .doesNotContain("\"rewards\"", "full_valid");
        assertThat(json.readValue(written, StepMetrics.class)).isEqualTo(step);
    }

    @Test
    void eventsSayWhatWasMeasured() throws Exception {
        assertThat(TRAIN_ONLY.message()).isEqualTo("Step 1/2: training loss=2.50");
        assertThat(ALL.message())
                .isEqualTo("Step 2/2: training loss=1.23, validation loss=1.50, full validation loss=1.60");

        ObjectMapper json = new ObjectMapper();
        assertThat(json.valueToTree(TRAIN_ONLY).toString())
                .isEqualTo("{\"step\":1,\"total_steps\":2,\"train_loss\":2.5,\"train_mean_token_accuracy\":0.25}");
        assertThat(json.valueToTree(ALL).properties())
                .extracting(java.util.Map.Entry::getKey)
                .containsExactly(
                        "step",
                        "total_steps",
                        "train_loss",
                        "train_mean_token_accuracy",
                        "valid_loss",
                        "valid_mean_token_accuracy",
                        "full_valid_loss",
                        "full_valid_mean_token_accuracy");
    }
}
