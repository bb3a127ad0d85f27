package dev.tunegate.trainer.training;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which checkpoint does best on all validation examples, and whether that is reason to end. All is told from the steps'
 * metrics, so that a resumed training comes to the same.
 *
 * @param patience after so many checkpoints without a better one training ends, and the best one is its result; null when
 *     it goes on to its last step, which then is the result
 */
record EarlyStopping(@Nullable Integer patience) {

    /** The step of the best checkpoint so far, of equal ones the first; empty without validation examples. */
    static Optional<StepMetrics> best(List<StepMetrics> steps) {
        return steps.stream()
                .filter(step -> step.fullValidLoss() != null)
                .min(Comparator.comparing(StepMetrics::fullValidLoss));
    }

    boolean isOver(List<StepMetrics> steps) {
        return patience != null && sinceBest(steps) >= patience;
    }

    /** The step whose weights are the training's result, when it ends behind the last of these. */
    int finalStep(List<StepMetrics> steps) {
        int last = steps.isEmpty() ? 0 : steps.get(steps.size() - 1).step();
        return patience == null ? last : best(steps).map(StepMetrics::step).orElse(last);
    }

    /** Says why the result is not that of the last step; empty where it is. */
    Optional<String> explanation(List<StepMetrics> steps) {
        StepMetrics best = best(steps).orElse(null);
        if (best == null || best.step() != finalStep(steps) || sinceBest(steps) == 0) {
            return Optional.empty();
        }
        StepMetrics last = steps.get(steps.size() - 1);
        String stopped = last.step() == last.totalSteps()
                ? ""
                : "Stopped early at step %d of %d: %d checkpoint(s) in a row were no better. "
                        .formatted(last.step(), last.totalSteps(), sinceBest(steps));
        return Optional.of(String.format(
                Locale.ROOT,
                "%sThe checkpoint of step %d becomes the model: its full validation loss is the lowest, %.4f.",
                stopped,
                best.step(),
                best.fullValidLoss()));
    }

    private static long sinceBest(List<StepMetrics> steps) {
        int best = best(steps).map(StepMetrics::step).orElse(Integer.MAX_VALUE);
        return steps.stream()
                .filter(step -> step.fullValidLoss() != null && step.step() > best)
                .count();
    }
}
