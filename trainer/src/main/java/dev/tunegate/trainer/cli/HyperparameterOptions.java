package dev.tunegate.trainer.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The hyperparameters of a job as options; their values are checked where a job's are. */
final class HyperparameterOptions {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");

    @Option(
            names = "--n-epochs",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_N_EPOCHS:-auto}",
            description = "Passes over the training file, 1 to 50 [TUNEGATE_N_EPOCHS] (default: ${DEFAULT-VALUE}).")
    private String nEpochs = "auto";

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_BATCH_SIZE:-auto}",
            description = "Examples per step, 1 to 256 [TUNEGATE_BATCH_SIZE] (default: ${DEFAULT-VALUE}).")
    private String batchSize = "auto";

    @Option(
            names = "--learning-rate-multiplier",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_LEARNING_RATE_MULTIPLIER:-auto}",
            description = "Scales the learning rate [TUNEGATE_LEARNING_RATE_MULTIPLIER] (default: ${DEFAULT-VALUE}).")
    private String learningRateMultiplier = "auto";

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_LEARNING_RATE:-auto}",
            description =
                    "Peak learning rate; auto follows the model's size [TUNEGATE_LEARNING_RATE] (default: ${DEFAULT-VALUE}).")
    private String learningRate = "auto";

    @Option(
            names = "--warmup-ratio",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_WARMUP_RATIO:-auto}",
            description =
                    "Share of the steps in which the learning rate rises [TUNEGATE_WARMUP_RATIO] (default: ${DEFAULT-VALUE}).")
    private String warmupRatio = "auto";

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_WEIGHT_DECAY:-auto}",
            description = "AdamW's weight decay [TUNEGATE_WEIGHT_DECAY] (default: ${DEFAULT-VALUE}).")
    private String weightDecay = "auto";

    @Option(
            names = "--max-grad-norm",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_MAX_GRAD_NORM:-auto}",
            description =
                    "Global norm to which gradients are clipped [TUNEGATE_MAX_GRAD_NORM] (default: ${DEFAULT-VALUE}).")
    private String maxGradNorm = "auto";

    @Option(
            names = "--lora-r",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_LORA_R:-auto}",
            description = "Rank of the adapter [TUNEGATE_LORA_R] (default: ${DEFAULT-VALUE}).")
    private String loraR = "auto";

    @Option(
            names = "--lora-alpha",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_LORA_ALPHA:-auto}",
            description = "The adapter is scaled by alpha / r [TUNEGATE_LORA_ALPHA] (default: ${DEFAULT-VALUE}).")
    private String loraAlpha = "auto";

    @Option(
            names = "--lora-dropout",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_LORA_DROPOUT:-auto}",
            description =
                    "Dropout on the adapter's input, 0 to below 1 [TUNEGATE_LORA_DROPOUT] (default: ${DEFAULT-VALUE}).")
    private String loraDropout = "auto";

    @Option(
            names = "--target-modules",
            paramLabel = "NAMES",
            defaultValue = "${env:TUNEGATE_TARGET_MODULES:-auto}",
            description =
                    "Linear layers with an adapter, separated by commas; auto is all [TUNEGATE_TARGET_MODULES] (default: ${DEFAULT-VALUE}).")
    private String targetModules = "auto";

    @Option(
            names = "--context-length",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_CONTEXT_LENGTH:-auto}",
            description =
                    "Tokens kept of an example; auto is the model's own [TUNEGATE_CONTEXT_LENGTH] (default: ${DEFAULT-VALUE}).")
    private String contextLength = "auto";

    @Option(
            names = "--early-stopping-patience",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_EARLY_STOPPING_PATIENCE:-auto}",
            description =
                    "End after N epochs without a better validation loss, and take the best one; auto never does [TUNEGATE_EARLY_STOPPING_PATIENCE] (default: ${DEFAULT-VALUE}).")
    private String earlyStoppingPatience = "auto";

    @Option(
            names = "--gradient-checkpointing",
            paramLabel = "auto|true|false",
            defaultValue = "${env:TUNEGATE_GRADIENT_CHECKPOINTING:-auto}",
            description =
                    "Compute layers once more in the backward pass instead of keeping them: less memory, more time;"
                            + " auto does where memory asks for it [TUNEGATE_GRADIENT_CHECKPOINTING] (default:"
                            + " ${DEFAULT-VALUE}).")
    private String gradientCheckpointing = "auto";

    @Option(
            names = "--beta",
            paramLabel = "X",
            defaultValue = "${env:TUNEGATE_BETA:-auto}",
            description =
                    "How closely DPO holds the model to where it began, above 0 to 2 [TUNEGATE_BETA] (default: ${DEFAULT-VALUE}).")
    private String beta = "auto";

    boolean stopsEarly() {
        return !earlyStoppingPatience.equals("auto");
    }

    HyperparameterRequest request(TrainingMethod method) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        put(json, "n_epochs", nEpochs);
        put(json, "batch_size", batchSize);
        put(json, "learning_rate_multiplier", learningRateMultiplier);
        put(json, "learning_rate", learningRate);
        put(json, "warmup_ratio", warmupRatio);
        put(json, "weight_decay", weightDecay);
        put(json, "max_grad_norm", maxGradNorm);
        put(json, "lora_r", loraR);
        put(json, "lora_alpha", loraAlpha);
        put(json, "lora_dropout", loraDropout);
        put(json, "context_length", contextLength);
        put(json, "early_stopping_patience", earlyStoppingPatience);
        put(json, "gradient_checkpointing", gradientCheckpointing);
        if (!beta.equals("auto")) {
            put(json, "beta", beta);
        }
        if (targetModules.equals("auto") || targetModules.equals("all-linear")) {
            json.put("target_modules", targetModules);
        } else {
            for (String name : targetModules.split(",", -1)) {
                json.withArrayProperty("target_modules").add(name.strip());
            }
        }
        return HyperparameterRequest.parse(json, method);
    }

    private static void put(ObjectNode json, String field, String value) {
        if (NUMBER.matcher(value).matches()) {
            json.put(field, new BigDecimal(value));
        } else if (value.equals("true") || value.equals("false")) {
            json.put(field, Boolean.parseBoolean(value));
        } else {
            json.put(field, value);
        }
    }
}
