package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;

/**
 * The numbers behind {@code "auto"} that depend on data and model; the constant ones are {@link Hyperparameters}'. Epochs
 * and batch size follow what OpenAI's service does with the same number of examples; the learning rate follows "LoRA Without
 * Regret" (Schulman et al., Thinking Machines Lab, 2025).
 */
final class AutoHyperparameters {
    private static final int TARGET_EPOCHS = 3;
    private static final int MIN_EXAMPLES_SEEN = 100;
    private static final int MAX_EXAMPLES_SEEN = 25_000;

    private AutoHyperparameters() {}

    /** Three passes over the examples are usual; few examples are passed over more often, many less often. */
    static int epochs(int examples) {
        long seen = (long) TARGET_EPOCHS * examples;
        if (seen < MIN_EXAMPLES_SEEN) {
            return Math.min(25, MIN_EXAMPLES_SEEN / examples);
        }
        if (seen > MAX_EXAMPLES_SEEN) {
            return Math.max(1, MAX_EXAMPLES_SEEN / examples);
        }
        return TARGET_EPOCHS;
    }

    /** A batch has about 0.2 % of the examples. */
    static int batchSize(int examples) {
        return (int) Math.max(1, Math.min(256, Math.round(examples * 0.002)));
    }

    /**
     * 5e-4 · (2000 / hidden size)^p, p fitted per family; full fine-tuning wants a tenth of LoRA's rate (both "LoRA
     * Without Regret"). DPO takes a twentieth: the published runs with LoRA on 7 and 8 billion parameters have 5e-6 (the
     * Alignment Handbook's Zephyr) to 1e-5 (Tinker's cookbook), where this gives 1.4e-5.
     */
    static double learningRate(ModelFacts model, TrainingMethod method) {
        double power = model.architecture().startsWith("Qwen") ? 0.0775 : 0.781;
        double lora = 5e-4 * Math.pow(2000.0 / model.hiddenSize(), power);
        return (model.allWeights() ? lora / 10 : lora) / (method == TrainingMethod.DPO ? 20 : 1);
    }
}
