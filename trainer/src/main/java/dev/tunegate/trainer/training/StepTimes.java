package dev.tunegate.trainer.training;

import java.util.List;

/**
 * Where the time of training steps went. A GPU works on its own: of its passes only the handing over is measured as forward,
 * backward and optimizer, and what they take beyond that shows where their numbers are waited for.
 *
 * <p>A training waits in two places: at the end of each step, to read the step's loss and norm, for which a GPU has to come so
 * far and a CPU has nothing left to do; and behind the last step for the uploads that are still under way. It waits neither for
 * data, which are all in memory before the first step, nor for reports, which go out on a thread of their own. What DPO's own
 * passes read in their middle, the policy's log-probabilities, they need to go on; that counts as forward.
 */
public final class StepTimes {
    private long forward;
    private long backward;
    private long optimizer;
    private long waiting;

    void passes(long forwardNanos, long backwardNanos) {
        forward += forwardNanos;
        backward += backwardNanos;
    }

    /** Adds passes that went on at the same time: their mean counts, for that is about how long they took together. */
    void sideBySide(List<StepTimes> passes) {
        for (StepTimes pass : passes) {
            forward += pass.forward / passes.size();
            backward += pass.backward / passes.size();
        }
    }

    void optimizer(long nanos) {
        optimizer += nanos;
    }

    /** Adds a time in which the training did nothing but wait. */
    public void waited(long nanos) {
        waiting += nanos;
    }

    /** Seconds from the tokens to the loss. */
    public double forwardSeconds() {
        return forward / 1e9;
    }

    /** Seconds from the loss to the gradients. */
    public double backwardSeconds() {
        return backward / 1e9;
    }

    /** Seconds for clipping the gradients and for AdamW. */
    public double optimizerSeconds() {
        return optimizer / 1e9;
    }

    /** Seconds for a GPU's numbers and for uploads. */
    public double waitingSeconds() {
        return waiting / 1e9;
    }

    /**
     * Says for people where the time went; the rest is validation, saving and the like.
     *
     * @param seconds all the time of these steps
     */
    public String text(int steps, double seconds) {
        double other = seconds - forwardSeconds() - backwardSeconds() - optimizerSeconds() - waitingSeconds();
        return "%d steps in %.1f s: forward %.1f, backward %.1f, optimizer %.1f, waiting %.1f, other %.1f s"
                .formatted(
                        steps,
                        seconds,
                        forwardSeconds(),
                        backwardSeconds(),
                        optimizerSeconds(),
                        waitingSeconds(),
                        Math.max(0, other));
    }
}
