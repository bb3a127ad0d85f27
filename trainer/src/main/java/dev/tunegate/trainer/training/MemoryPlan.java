package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.torch.Torch;
import java.util.Optional;

/**
 * How a step's examples go through the model.
 *
 * @param batchTokens the most tokens at once; a longer example goes alone
 * @param recompute whether layers are computed once more in the backward pass instead of kept (gradient checkpointing)
 */
public record MemoryPlan(
        @JsonProperty("batch_tokens") int batchTokens,
        @JsonProperty("gradient_checkpointing") boolean recompute) {

    // More than some thousand tokens at once make nothing faster, on a GPU more than several times as many. With fewer
    // than some hundred the weights are read too often.
    private static final int MOST_TOKENS = 4096;
    private static final int MOST_TOKENS_ON_GPU = 16_384;
    static final int SENSIBLE_TOKENS = 512;
    static final int FEWEST_TOKENS = 64;
    private static final int MOST_LOGITS = 64 << 20;

    /** The plan for as much memory as one likes: it takes as many tokens at once as make a step fast. */
    public static MemoryPlan generous(ModelConfig config) {
        if (Torch.device().isCuda()) {
            return new MemoryPlan(MOST_TOKENS_ON_GPU, false);
        }
        int tokens = Math.min(MOST_TOKENS, MOST_LOGITS / config.vocabularySize());
        return new MemoryPlan(Math.max(SENSIBLE_TOKENS, tokens), false);
    }

    /** This plan with half the tokens at once. */
    MemoryPlan halved() {
        return new MemoryPlan(batchTokens / 2, recompute);
    }

    /** This plan with the layers computed once more or not. */
    MemoryPlan withRecompute(boolean wanted) {
        return new MemoryPlan(batchTokens, wanted);
    }

    /**
     * What to do when a batch turned out to be too large.
     *
     * @param divisible whether it has more than one example
     * @param mayRecompute whether layers can be computed once more
     * @return empty when there is nothing left
     */
    Optional<MemoryPlan> smallerThan(Batch batch, boolean divisible, boolean mayRecompute) {
        int half = Math.min(batchTokens, batch.tokens().length) / 2;
        if (divisible && (half >= SENSIBLE_TOKENS || recompute || !mayRecompute)) {
            return Optional.of(new MemoryPlan(half, recompute));
        }
        return recompute || !mayRecompute ? Optional.empty() : Optional.of(withRecompute(true));
    }

    /** Tells people what is different from now on. */
    String description() {
        return "at most %,d tokens at a time%s".formatted(batchTokens, recompute ? ", gradient checkpointing" : "");
    }
}
