package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.checkpoint.DiskFull;
import dev.tunegate.trainer.training.TrainingListener.Saved;
import java.nio.file.Files;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Steps, measurements and checkpoints, and what ends a training. */
class TrainingLoopTest extends TrainingLoopFixture {
    @Test
    void stepsAreMeasuredAndTheLossFalls() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        TrainingLoop loop = loop(dir, listener, 4);

        assertThat(loop.run()).isTrue();

        assertThat(loop.totalSteps()).isEqualTo(12);
        assertThat(listener.steps)
                .extracting(StepMetrics::step)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
        assertThat(last(listener.steps).trainLoss())
                .isLessThan(listener.steps.get(0).trainLoss());
        assertThat(listener.steps).allSatisfy(step -> {
            boolean endOfEpoch = step.step() % 3 == 0;
            assertThat(step.validLoss()).isNotNull();
            assertThat(step.fullValidLoss() != null).isEqualTo(endOfEpoch);
            assertThat(step.fullValidAccuracy() != null).isEqualTo(endOfEpoch);
        });
        assertThat(loop.trainedTokens())
                .isEqualTo(4L
                        * TRAINING.stream()
                                .mapToInt(example -> example.tokens().length)
                                .sum());
    }

    @Test
    void thereIsACheckpointPerEpochAndTheLastThreeAreKept() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        loop(dir, listener, 5).run();

        assertThat(listener.saved).extracting(Saved::step).containsExactly(3, 6, 9, 12, 15);
        assertThat(dir).isDirectoryNotContaining("glob:**/checkpoint-6");
        try (var left = Files.list(dir)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("checkpoint-9", "checkpoint-12", "checkpoint-15", "resume.zip");
        }
    }

    @Test
    void aFullDiskHoldsTheTrainingUpAndCostsNothing() throws Exception {
        Listener undisturbed = new Listener(step -> Directive.CONTINUE);
        loop(dir.resolve("undisturbed"), undisturbed, 2).run();
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        learner.fillDisk(1);
        Listener listener = new Listener(step -> Directive.CONTINUE);
        TrainingLoop loop = loop(learner, dir.resolve("full"), listener, parse(epochs(2)));

        assertThat(loop.run()).isTrue();

        assertThat(listener.steps).isEqualTo(undisturbed.steps);
        assertThat(listener.saved).extracting(Saved::step).containsExactly(3, 6);
        assertThat(listener.notes)
                .containsExactly("The worker's disk is full. The training waits behind step 3 until there is room.");
    }

    @Test
    void aTrainingThatWaitsForRoomIsStillCancelled() throws Exception {
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        learner.fillDisk(Integer.MAX_VALUE);
        Listener listener = new Listener(step -> step == 3 ? Directive.CANCEL : Directive.CONTINUE);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(2)));

        assertThatThrownBy(loop::run).matches(DiskFull::is);
        assertThat(listener.steps).hasSize(3);
        assertThat(listener.saved).isEmpty();
    }

    @Test
    void cancelIsObeyedBeforeTheNextStep() throws Exception {
        Listener listener = new Listener(step -> step == 2 ? Directive.CANCEL : Directive.CONTINUE);

        assertThat(loop(dir, listener, 4).run()).isFalse();
        assertThat(listener.steps).hasSize(2);
        assertThat(listener.saved).isEmpty();
    }

    @Test
    void aLossThatIsNoNumberEndsTheTrainingAtOnceAndKeepsTheLastGoodCheckpoint() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(4)));
        learner.divergeAt(8);

        assertThatThrownBy(loop::run)
                .isInstanceOf(TrainingFailure.class)
                .hasMessage("The training diverged: the training loss is not a finite number at step 8 (learning rate"
                        + " 0.21). The checkpoint of step 6 is kept. Use a smaller learning_rate_multiplier or"
                        + " learning_rate.");
        assertThat(listener.steps).hasSize(7);
        assertThat(dir.resolve("checkpoint-6/logits")).exists();
    }

    @Test
    void aValidationLossThatIsNoNumberIsNoCheckpoint() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(4)));
        learner.evaluatesTo(step -> Double.NaN);

        assertThatThrownBy(loop::run)
                .isInstanceOf(TrainingFailure.class)
                .hasMessageStartingWith("The training diverged: the validation loss is not a finite number at step 1 ");
        assertThat(listener.saved).isEmpty();
    }
}
