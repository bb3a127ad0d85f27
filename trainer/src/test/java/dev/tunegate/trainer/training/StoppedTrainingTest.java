package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.training.TrainingListener.Saved;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Orders that come in the middle of a step or of an evaluation: they are heard there, and nothing is lost by it. */
class StoppedTrainingTest extends TrainingLoopFixture {
    private final AtomicReference<Directive> order = new AtomicReference<>(Directive.CONTINUE);
    private final UnigramLearner learner = new UnigramLearner(VOCABULARY);
    private int steps;
    private int evaluations;

    @Test
    void aCancelledStepIsNotDoneToItsEnd() throws Exception {
        learner.during(() -> orderAt(++steps, 2, Directive.CANCEL), () -> {});
        Listener listener = listener();
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(4)));

        assertThat(loop.run()).isFalse();

        assertThat(loop.step()).isEqualTo(1);
        assertThat(listener.steps).hasSize(1);
        assertThat(listener.saved).isEmpty();
    }

    @Test
    void aCancelledEvaluationIsNotDoneToItsEnd() throws Exception {
        learner.during(() -> {}, () -> orderAt(++evaluations, 2, Directive.CANCEL));
        Listener listener = listener();

        assertThat(loop(learner, dir, listener, parse(epochs(4))).run()).isFalse();

        assertThat(evaluations).isEqualTo(2);
        assertThat(listener.steps).hasSize(1);
        assertThat(listener.saved).isEmpty();
    }

    @Test
    void aStepThatIsPausedIsDoneAgainWithTheSameResults() throws Exception {
        learner.during(() -> orderAt(++steps, 5, Directive.PAUSE), () -> {});
        Listener listener = listener();
        TrainingLoop paused = loop(learner, dir.resolve("paused"), listener, parse(epochs(4)));

        assertThat(paused.run()).isFalse();

        assertThat(last(listener.saved)).extracting(Saved::step).isEqualTo(4);
        assertGoesOnAsIfNothingHadBeen(paused, 5);
    }

    @Test
    void anEvaluationThatIsPausedIsDoneBehindTheSameStep() throws Exception {
        // The third of each epoch's four evaluations is the sample of its last step, the fourth is the full one.
        learner.during(() -> {}, () -> orderAt(++evaluations, 8, Directive.PAUSE));
        Listener listener = listener();
        TrainingLoop paused = loop(learner, dir.resolve("paused"), listener, parse(epochs(4)));

        assertThat(paused.run()).isFalse();

        assertThat(listener.steps).as("the sixth is not measured yet").hasSize(5);
        assertThat(last(listener.saved)).extracting(Saved::step).isEqualTo(6);
        assertThat(last(listener.saved).metrics()).isNull();
        assertGoesOnAsIfNothingHadBeen(paused, 6);
    }

    @Test
    void aPauseRightBehindAnEvaluationThatWasPausedKeepsWhatWasMeasured() throws Exception {
        learner.during(() -> {}, () -> orderAt(++evaluations, 5, Directive.PAUSE));
        TrainingLoop paused = loop(learner, dir.resolve("paused"), listener(), parse(epochs(4)));
        paused.run();

        Listener again = new Listener(step -> step == 1 ? Directive.PAUSE : Directive.CONTINUE);
        TrainingLoop measured = loop(dir.resolve("measured"), again, 4);
        measured.resumeFrom(paused.resumeFile());
        assertThat(measured.run()).isFalse();

        assertThat(again.steps).extracting(StepMetrics::step).containsExactly(4);
        assertGoesOnAsIfNothingHadBeen(measured, 5);
    }

    @Test
    void aCancelledCheckpointIsNotWrittenToItsEnd() throws Exception {
        Listener listener = listener();
        UnigramLearner cancelledWhileSaving = new UnigramLearner(VOCABULARY) {
            @Override
            public void saveState(Path target) throws java.io.IOException {
                super.saveState(target);
                order.set(Directive.CANCEL);
            }
        };

        assertThat(loop(cancelledWhileSaving, dir, listener, parse(epochs(4))).run())
                .isFalse();

        assertThat(listener.steps).hasSize(3);
        assertThat(listener.saved).isEmpty();
        assertThat(dir.resolve("resume.zip")).doesNotExist();
    }

    /** The same metrics and weights as those of a training that nobody stopped. */
    private void assertGoesOnAsIfNothingHadBeen(TrainingLoop stopped, int firstStep) throws Exception {
        TrainingLoop whole = loop(dir.resolve("whole"), new Listener(step -> Directive.CONTINUE), 4);
        whole.run();
        Listener listener = new Listener(step -> Directive.CONTINUE);
        TrainingLoop resumed = loop(dir.resolve("resumed"), listener, 4);
        resumed.resumeFrom(stopped.resumeFile());

        assertThat(resumed.run()).isTrue();

        assertThat(listener.steps.get(0).step()).isEqualTo(firstStep);
        assertThat(resumed.metrics()).isEqualTo(whole.metrics());
        assertThat(resumed.trainedTokens()).isEqualTo(whole.trainedTokens());
        assertThat(dir.resolve("resumed/checkpoint-12/logits"))
                .hasSameBinaryContentAs(dir.resolve("whole/checkpoint-12/logits"));
    }

    private Listener listener() {
        return new Listener(step -> order.get());
    }

    private void orderAt(int now, int when, Directive directive) {
        if (now == when) {
            order.set(directive);
        }
    }
}
