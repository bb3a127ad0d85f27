package dev.tunegate.trainer.checkpoint;

import java.util.Arrays;
import java.util.List;

/** The architectures whose every switch is known, with the defaults of their configuration classes in transformers. */
enum Family {
    LLAMA("LlamaForCausalLM", "llama", 2048, 1e-6, false),
    MISTRAL("MistralForCausalLM", "mistral", 131072, 1e-6, false),
    QWEN2("Qwen2ForCausalLM", "qwen2", 32768, 1e-6, false),
    QWEN3("Qwen3ForCausalLM", "qwen3", 32768, 1e-6, false),
    PHI3("Phi3ForCausalLM", "phi3", 4096, 1e-5, false),
    GEMMA2("Gemma2ForCausalLM", "gemma2", 8192, 1e-6, true),
    GEMMA3("Gemma3ForCausalLM", "gemma3_text", 131072, 1e-6, true),
    GPT2("GPT2LMHeadModel", "gpt2", 1024, 1e-5, true);

    private final String architecture;
    private final String modelType;
    private final int contextLength;
    private final double normEpsilon;
    private final boolean tiedHead;

    Family(String architecture, String modelType, int contextLength, double normEpsilon, boolean tiedHead) {
        this.architecture = architecture;
        this.modelType = modelType;
        this.contextLength = contextLength;
        this.normEpsilon = normEpsilon;
        this.tiedHead = tiedHead;
    }

    /** The model's class in transformers. */
    String architecture() {
        return architecture;
    }

    int contextLength() {
        return contextLength;
    }

    double normEpsilon() {
        return normEpsilon;
    }

    boolean tiedHead() {
        return tiedHead;
    }

    static List<String> architectures() {
        return Arrays.stream(values()).map(Family::architecture).toList();
    }

    /** The family of a model class; where {@code config.json} names none, of its {@code model_type}. */
    static Family of(String architecture, String modelType) {
        for (Family family : values()) {
            boolean found = architecture.isEmpty()
                    ? family.modelType.equals(modelType)
                    : family.architecture.equals(architecture);
            if (found) {
                return family;
            }
        }
        throw new InvalidCheckpoint("architecture '" + (architecture.isEmpty() ? modelType : architecture)
                + "' is not supported; supported: " + String.join(", ", architectures()));
    }
}
