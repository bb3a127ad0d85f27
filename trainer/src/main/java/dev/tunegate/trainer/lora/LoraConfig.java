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
 * @param targetModules the ends of the paths of the adapted linear layers, such as {@code q_proj}
 * @param rankStabilized whether B A is scaled by alpha / sqrt(r) instead (Kalajdzievski 2023, rsLoRA)
 * @param ranks other ranks for some modules
 * @param alphas other alphas for some modules
 * @param layers the decoder layers that are adapted; empty for all
 * @param modulesToSave the ends of the paths of modules that are trained in full beside the adapter: norms, embedding, head
 */
public record LoraConfig(
        int rank,
        double alpha,
        double dropout,
        Set<String> targetModules,
        boolean rankStabilized,
        ModulePatterns<Integer> ranks,
        ModulePatterns<Double> alphas,
        Set<Integer> layers,
        Set<String> modulesToSave) {

    public LoraConfig {
        requireRank("lora_r", rank);
        requireAlpha("lora_alpha", alpha);
        ranks.values().forEach((key, value) -> requireRank("rank_pattern " + key, value));
        alphas.values().forEach((key, value) -> requireAlpha("alpha_pattern " + key, value));
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("lora_dropout: " + dropout + ", must be at least 0 and below 1");
        }
        if (targetModules.isEmpty()) {
            throw new IllegalArgumentException("target_modules is empty: name at least one linear layer");
        }
        targetModules = Set.copyOf(targetModules);
        layers = Set.copyOf(layers);
        modulesToSave = Set.copyOf(modulesToSave);
    }

    /** Plain LoRA: the same for all target modules. */
    public LoraConfig(int rank, double alpha, double dropout, Set<String> targetModules) {
        this(
                rank,
                alpha,
                dropout,
                targetModules,
                false,
                ModulePatterns.none(),
                ModulePatterns.none(),
                Set.of(),
                Set.of());
    }

    private static void requireRank(String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(field + ": " + value + ", must be at least 1");
        }
    }

    private static void requireAlpha(String field, double value) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(field + ": " + value + ", must be above 0");
        }
    }

    /** What B A is multiplied with where no pattern says otherwise. */
    public double scaling() {
        return scaling(alpha, rank);
    }

    /** What a layer's B A is multiplied with. */
    double scaling(WeightLayout.Linear linear) {
        return scaling(alphas.valueFor(linear.path(), alpha), rank(linear));
    }

    private double scaling(double alpha, int rank) {
        return alpha / (rankStabilized ? Math.sqrt(rank) : rank);
    }

    int rank(WeightLayout.Linear linear) {
        return ranks.valueFor(linear.path(), rank);
    }

    /** The names of all linear layers of a model: the default targets. */
    public static Set<String> allLinears(ModelConfig config) {
        return new WeightLayout(config)
                .linears().stream().map(WeightLayout.Linear::name).collect(Collectors.toCollection(TreeSet::new));
    }
}
