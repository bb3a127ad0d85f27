package dev.tunegate.trainer.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.lora.LoraConfig;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hyperparameters as a client gave them, checked one by one; null means {@code "auto"}. The first three are
 * OpenAI's, the others our extensions inside the same object.
 *
 * @param method what they are for; some defaults depend on it
 * @param targetModules names of the linear layers that get an adapter, null for all
 * @param learningRate the peak learning rate before the multiplier, null for the model's own
 * @param warmupRatio share of the steps over which the learning rate rises from 0
 * @param contextLength tokens of an example that are kept, null for as many as the model takes
 * @param beta how closely DPO holds the policy to its reference; only for that method
 * @param earlyStoppingPatience checkpoints without a better full validation loss after which training ends, null for
 *     any number
 * @param gradientCheckpointing whether layers are computed once more in the backward pass instead of kept, null for where
 *     memory asks for it
 */
public record HyperparameterRequest(
        TrainingMethod method,
        @Nullable Integer nEpochs,
        @Nullable Integer batchSize,
        @Nullable Double learningRateMultiplier,
        @Nullable Integer loraR,
        @Nullable Double loraAlpha,
        @Nullable Double loraDropout,
        @Nullable Set<String> targetModules,
        @Nullable Double learningRate,
        @Nullable Double warmupRatio,
        @Nullable Double weightDecay,
        @Nullable Double maxGradNorm,
        @Nullable Integer contextLength,
        @Nullable Double beta,
        @Nullable Integer earlyStoppingPatience,
        @Nullable Boolean gradientCheckpointing) {

    /**
     * Reads and checks the {@code hyperparameters} object of a job.
     *
     * @throws InvalidHyperparameter naming the field, its value and the allowed range
     */
    public static HyperparameterRequest parse(JsonNode hyperparameters, TrainingMethod method) {
        HyperparameterReader read = new HyperparameterReader(hyperparameters);
        HyperparameterRequest request = new HyperparameterRequest(
                method,
                read.integer("n_epochs", 1, 50),
                read.integer("batch_size", 1, 256),
                read.positive("learning_rate_multiplier", 10_000),
                read.integer("lora_r", 1, 1024),
                read.positive("lora_alpha", 65_536),
                read.fraction("lora_dropout", 1),
                read.moduleNames("target_modules"),
                read.positive("learning_rate", 1),
                read.fraction("warmup_ratio", 1),
                read.fraction("weight_decay", 10),
                read.positive("max_grad_norm", 1_000_000),
                read.integer("context_length", Hyperparameters.SHORTEST_CONTEXT, 1 << 20),
                method == TrainingMethod.DPO ? read.positive("beta", 2) : null,
                read.integer("early_stopping_patience", 1, 50),
                read.bool("gradient_checkpointing"));
        read.refuseUnknown();
        return request;
    }

    /**
     * The request for a training that goes on from an adapter, whose shape it keeps.
     *
     * @throws InvalidHyperparameter when another shape was asked for
     */
    public HyperparameterRequest continuing(LoraConfig adapter) {
        requireSame("lora_r", loraR, adapter.rank());
        requireSame("lora_alpha", loraAlpha, adapter.alpha());
        requireSame("lora_dropout", loraDropout, adapter.dropout());
        requireSame("target_modules", targetModules, adapter.targetModules());
        return new HyperparameterRequest(
                method,
                nEpochs,
                batchSize,
                learningRateMultiplier,
                adapter.rank(),
                adapter.alpha(),
                adapter.dropout(),
                adapter.targetModules(),
                learningRate,
                warmupRatio,
                weightDecay,
                maxGradNorm,
                contextLength,
                beta,
                earlyStoppingPatience,
                gradientCheckpointing);
    }

    private static <T> void requireSame(String field, @Nullable T wanted, T adapters) {
        if (wanted != null && !wanted.equals(adapters)) {
            throw new InvalidHyperparameter(
                    field,
                    wanted.toString(),
                    "\"auto\" or %s, as in the fine-tuned model that training continues from".formatted(adapters));
        }
    }

    /**
     * Puts numbers in the place of every {@code "auto"}.
     *
     * @param examples how many training examples there are
     * @param model what of the model the numbers depend on
     */
    public Hyperparameters resolve(int examples, ModelFacts model) {
        int epochs = nEpochs != null ? nEpochs : AutoHyperparameters.epochs(examples);
        int batch = batchSize != null ? batchSize : AutoHyperparameters.batchSize(examples);
        double multiplier = orAuto(learningRateMultiplier, Hyperparameters.LEARNING_RATE_MULTIPLIER);
        double baseRate = learningRate != null ? learningRate : AutoHyperparameters.learningRate(model, method);
        return new Hyperparameters(
                epochs,
                batch,
                multiplier,
                orAuto(loraR, Hyperparameters.LORA_R),
                orAuto(loraAlpha, Hyperparameters.LORA_ALPHA),
                orAuto(loraDropout, Hyperparameters.LORA_DROPOUT),
                targetModules,
                baseRate * multiplier,
                orAuto(warmupRatio, Hyperparameters.WARMUP_RATIO),
                orAuto(weightDecay, Hyperparameters.WEIGHT_DECAY),
                orAuto(maxGradNorm, Hyperparameters.MAX_GRAD_NORM),
                contextLength(model),
                method == TrainingMethod.DPO ? orAuto(beta, Hyperparameters.BETA) : null,
                earlyStoppingPatience,
                gradientCheckpointing);
    }

    private static <T> T orAuto(@Nullable T given, T auto) {
        return given != null ? given : auto;
    }

    /** Tokens kept of an example: what was asked for, or what the model takes. */
    public int contextLength(ModelFacts model) {
        if (contextLength == null) {
            return model.contextLength();
        }
        if (contextLength > model.contextLength()) {
            throw new InvalidHyperparameter(
                    "context_length",
                    String.valueOf(contextLength),
                    "at most %d, the model's own".formatted(model.contextLength()));
        }
        return contextLength;
    }

    /**
     * What the automatic values depend on.
     *
     * @param architecture the class name in config.json, such as {@code LlamaForCausalLM}
     * @param allWeights whether all weights are trained instead of a LoRA adapter
     */
    public record ModelFacts(String architecture, int hiddenSize, int contextLength, boolean allWeights) {
        public static ModelFacts of(ModelConfig config, boolean allWeights) {
            return new ModelFacts(config.architecture(), config.hiddenSize(), config.contextLength(), allWeights);
        }
    }
}
