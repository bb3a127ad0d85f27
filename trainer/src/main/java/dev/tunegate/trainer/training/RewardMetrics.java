package dev.tunegate.trainer.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What DPO measures of pairs, under TRL's names; on validation pairs with {@code valid_} or {@code full_valid_} before. */
final class RewardMetrics {
    static final String CHOSEN = "rewards/chosen";
    static final String REJECTED = "rewards/rejected";
    static final String MARGINS = "rewards/margins";
    static final String ACCURACIES = "rewards/accuracies";

    private RewardMetrics() {}

    /** All rewards that a step measured; empty for a supervised training. */
    static Map<String, Double> of(Metrics train, @Nullable Metrics sample, @Nullable Metrics full) {
        Map<String, Double> all = new LinkedHashMap<>();
        put(all, "", train);
        put(all, "valid_", sample);
        put(all, "full_valid_", full);
        return all;
    }

    private static void put(Map<String, Double> all, String prefix, @Nullable Metrics measured) {
        Metrics.Rewards rewards = measured == null ? null : measured.rewards();
        if (rewards != null) {
            double chosen = rewards.chosenSum() / rewards.pairs();
            double rejected = rewards.rejectedSum() / rewards.pairs();
            all.put(prefix + CHOSEN, chosen);
            all.put(prefix + REJECTED, rejected);
            all.put(prefix + MARGINS, chosen - rejected);
            all.put(prefix + ACCURACIES, (double) rewards.ahead() / rewards.pairs());
        }
    }
}
