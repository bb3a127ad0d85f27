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
