package dev.tunegate.trainer.lora;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.model.WeightLayout;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The shape of an adapter (Hu et al. 2021, LoRA).
 *
 * @param rank r, the inner size of B A
 * @param alpha B A is scaled by alpha / r
 * @param dropout the probability with which an element of A's input is zeroed in training
 * @param targetModules the last parts of the paths of the adapted linear layers, such as {@code q_proj}
 */
public record LoraConfig(int rank, double alpha, double dropout, Set<String> targetModules) {

    public LoraConfig {
        if (rank < 1) {
            throw new IllegalArgumentException("lora_r: " + rank + ", must be at least 1");
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("lora_alpha: " + alpha + ", must be above 0");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora_dropout: " + dropout + ", must be at least 0 and below 1");
        }
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("target_modules is empty: name at least one linear layer");
        }
        targetModules = Set.copyOf(targetModules);
    }

    /** What B A is multiplied with. */
    public double scaling() {
        return alpha / rank;
    }

    /** The names of all linear layers of a model: the default targets. */
    public static Set<String> allLinears(ModelConfig config) {
        return new WeightLayout(config)
                .linears().stream().map(WeightLayout.Linear::name).collect(Collectors.toCollection(TreeSet::new));
    }
}
