package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one training step measured, under the names of OpenAI's metrics events; null is not measured at this step and
 * left out of the JSON.
 *
 * @param validLoss on a sample of the validation examples
 * @param fullValidLoss on all of them
 * @param rewards what DPO measures beside the losses, see {@link RewardMetrics}; members of the same JSON object
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StepMetrics(
        @JsonProperty("step") int step,
        @JsonProperty("total_steps") int totalSteps,
        @JsonProperty("train_loss") double trainLoss,
        @JsonProperty("train_mean_token_accuracy") double trainAccuracy,
        @JsonProperty("valid_loss") @Nullable Double validLoss,
        @JsonProperty("valid_mean_token_accuracy") @Nullable Double validAccuracy,
        @JsonProperty("full_valid_loss") @Nullable Double fullValidLoss,

        @JsonProperty("full_valid_mean_token_accuracy") @Nullable
        Double fullValidAccuracy,

        Map<String, Double> rewards) {

    // The constructor is written out because a record's component cannot carry both annotations of the map.
    @JsonCreator
    public StepMetrics(
            @JsonProperty("step") int step,
            @JsonProperty("total_steps") int totalSteps,
            @JsonProperty("train_loss") double trainLoss,
            @JsonProperty("train_mean_token_accuracy") double trainAccuracy,
            @JsonProperty("valid_loss") @Nullable Double validLoss,
            @JsonProperty("valid_mean_token_accuracy") @Nullable Double validAccuracy,
            @JsonProperty("full_valid_loss") @Nullable Double fullValidLoss,
            @JsonProperty("full_valid_mean_token_accuracy") @Nullable Double fullValidAccuracy,
            @JsonAnySetter @Nullable Map<String, Double> rewards) {
        this.step = step;
        this.totalSteps = totalSteps;
        this.trainLoss = trainLoss;
        this.trainAccuracy = trainAccuracy;
        this.validLoss = validLoss;
        this.validAccuracy = validAccuracy;
        this.fullValidLoss = fullValidLoss;
        this.fullValidAccuracy = fullValidAccuracy;
        this.rewards = rewards == null ? Map.of() : new LinkedHashMap<>(rewards);
    }

    /** The metrics of a supervised training, which has no rewards. */
    public StepMetrics(
            int step,
            int totalSteps,
            double trainLoss,
            double trainAccuracy,
            @Nullable Double validLoss,
            @Nullable Double validAccuracy,
            @Nullable Double fullValidLoss,
            @Nullable Double fullValidAccuracy) {
        this(
                step,
                totalSteps,
                trainLoss,
                trainAccuracy,
                validLoss,
                validAccuracy,
                fullValidLoss,
                fullValidAccuracy,
                Map.of());
    }

    @Override
    @JsonAnyGetter
    public Map<String, Double> rewards() {
        return rewards;
    }

    /** The event's text, such as {@code Step 300/300: training loss=0.00, validation loss=0.00}. */
    public String message() {
        StringBuilder text = new StringBuilder(
                String.format(Locale.ROOT, "Step %d/%d: training loss=%.2f", step, totalSteps, trainLoss));
        if (validLoss != null) {
            text.append(String.format(Locale.ROOT, ", validation loss=%.2f", validLoss));
        }
        if (fullValidLoss != null) {
            text.append(String.format(Locale.ROOT, ", full validation loss=%.2f", fullValidLoss));
        }
        return text.toString();
    }
}
