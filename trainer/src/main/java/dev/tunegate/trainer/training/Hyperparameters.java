package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The numbers a training runs with.
 *
 * @param targetModules names of the linear layers that get an adapter, null for all
 * @param learningRate the peak of the schedule, the multiplier included
 * @param warmupRatio share of the steps over which the learning rate rises from 0
 * @param contextLength tokens of an example that are kept
 * @param beta how closely DPO holds the policy to its reference; null for other methods
 * @param earlyStoppingPatience after so many checkpoints without a better full validation loss training ends; null for
 *     never
 * @param gradientCheckpointing whether layers are computed once more in the backward pass instead of kept; null for where
 *     memory asks for it
 */
public record Hyperparameters(
        @JsonProperty("n_epochs") int nEpochs,
        @JsonProperty("batch_size") int batchSize,
        @JsonProperty("learning_rate_multiplier") double learningRateMultiplier,
        @JsonProperty("lora_r") int loraR,
        @JsonProperty("lora_alpha") double loraAlpha,
        @JsonProperty("lora_dropout") double loraDropout,
        @JsonProperty("target_modules") @Nullable Set<String> targetModules,
        @JsonProperty("learning_rate") double learningRate,
        @JsonProperty("warmup_ratio") double warmupRatio,
        @JsonProperty("weight_decay") double weightDecay,
        @JsonProperty("max_grad_norm") double maxGradNorm,
        @JsonProperty("context_length") int contextLength,
        @JsonProperty("beta") @Nullable Double beta,
        @JsonProperty("early_stopping_patience") @Nullable Integer earlyStoppingPatience,
        @JsonProperty("gradient_checkpointing") @Nullable Boolean gradientCheckpointing) {

    static final int SHORTEST_CONTEXT = 8;

    public int stepsPerEpoch(int examples) {
        return (examples + batchSize - 1) / batchSize;
    }

    /** What OpenAI's job object shows in the place of {@code "auto"}. */
    public Map<String, Number> shownInJob() {
        Map<String, Number> shown = new LinkedHashMap<>();
        shown.put("n_epochs", nEpochs);
        shown.put("batch_size", batchSize);
        shown.put("learning_rate_multiplier", learningRateMultiplier);
        if (beta != null) {
            shown.put("beta", beta);
        }
        return shown;
    }
}
