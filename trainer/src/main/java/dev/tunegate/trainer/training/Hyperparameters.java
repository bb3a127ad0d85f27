package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The numbers a training runs with. A component's {@code defaultValue} is what {@code "auto"} always stands for, where there
 * is such a value; openapi.yaml has it as {@code x-auto}.
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

        @JsonProperty(value = "learning_rate_multiplier", defaultValue = "" + Hyperparameters.LEARNING_RATE_MULTIPLIER)
        double learningRateMultiplier,

        @JsonProperty(value = "lora_r", defaultValue = "" + Hyperparameters.LORA_R)
        int loraR,

        @JsonProperty(value = "lora_alpha", defaultValue = "" + Hyperparameters.LORA_ALPHA)
        double loraAlpha,

        @JsonProperty(value = "lora_dropout", defaultValue = "" + Hyperparameters.LORA_DROPOUT)
        double loraDropout,

        @JsonProperty("target_modules") @Nullable Set<String> targetModules,
        @JsonProperty("learning_rate") double learningRate,

        @JsonProperty(value = "warmup_ratio", defaultValue = "" + Hyperparameters.WARMUP_RATIO)
        double warmupRatio,

        @JsonProperty(value = "weight_decay", defaultValue = "" + Hyperparameters.WEIGHT_DECAY)
        double weightDecay,

        @JsonProperty(value = "max_grad_norm", defaultValue = "" + Hyperparameters.MAX_GRAD_NORM)
        double maxGradNorm,

        @JsonProperty("context_length") int contextLength,

        @JsonProperty(value = "beta", defaultValue = "" + Hyperparameters.BETA) @Nullable
        Double beta,

        @JsonProperty("early_stopping_patience") @Nullable Integer earlyStoppingPatience,
        @JsonProperty("gradient_checkpointing") @Nullable Boolean gradientCheckpointing) {

    static final int SHORTEST_CONTEXT = 8;

    // What "auto" stands for where that depends on nothing. The rank's and alpha's are from "LoRA Without Regret".
    static final double LEARNING_RATE_MULTIPLIER = 1;
    static final int LORA_R = 16;
    /** It is 32 for every rank: with 1/r scaling the best learning rate is then nearly the same for all ranks. */
    static final double LORA_ALPHA = 32;

    static final double LORA_DROPOUT = 0;
    static final double WARMUP_RATIO = 0.03;
    static final double WEIGHT_DECAY = 0;
    static final double MAX_GRAD_NORM = 1;
    /** TRL and the DPO paper have this one. */
    static final double BETA = 0.1;

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
