package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which checkpoint becomes the model. */
class EarlyStoppingTest extends TrainingLoopFixture {
    @Test
    void trainingStopsWhenNoCheckpointGetsBetterAndTakesTheBest() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(10, 3)));
        learner.evaluatesTo(perEpoch(5, 3, 4, 4, 5, 1));

        assertThat(loop.run()).isTrue();

        assertThat(loop.step()).isEqualTo(15);
        assertThat(loop.finalStep()).isEqualTo(6);
        assertThat(listener.notes)
                .containsExactly(
                        "Stopped early at step 15 of 30: 3 checkpoint(s) in a row were no better. The checkpoint"
                                + " of step 6 becomes the model: its full validation loss is the lowest, 3.0000.");
        assertThat(dir.resolve("checkpoint-6"))
                .as("older than the last three, but the best")
                .exists();
        loop.saveResult(dir.resolve("result"));
        assertThat(dir.resolve("result/logits")).hasSameBinaryContentAs(dir.resolve("checkpoint-6/logits"));
    }

    @Test
    void theBestIsTakenAlsoWhenPatienceLasts() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(3, 5)));
        learner.evaluatesTo(perEpoch(5, 3, 4));
        loop.run();

        assertThat(loop.step()).isEqualTo(9);
        assertThat(loop.finalStep()).isEqualTo(6);
        assertThat(listener.notes)
                .containsExactly("The checkpoint of step 6 becomes the model: its full validation loss is the lowest,"
                        + " 3.0000.");
    }

    @Test
    void withoutEarlyStoppingTheLastStepIsTheResult() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(3)));
        learner.evaluatesTo(perEpoch(3, 4, 5));
        loop.run();

        assertThat(loop.finalStep()).isEqualTo(9);
        assertThat(listener.notes).isEmpty();
    }
}
