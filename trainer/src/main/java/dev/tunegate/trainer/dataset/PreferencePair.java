package dev.tunegate.trainer.dataset;

import java.util.List;

/**
 * Two answers to the same conversation; the tokens to learn of each are the answer's own.
 *
 * @param chosen with the preferred answer
 * @param rejected with the other one
 */
public record PreferencePair(Example chosen, Example rejected) implements TrainingItem {

    @Override
    public List<Example> sequences() {
        return List.of(chosen, rejected);
    }
}
