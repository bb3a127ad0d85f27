package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The plan a training begins with, and those that follow where a pass runs out of memory. */
class MemoryPlanTest extends TrainingLoopFixture {
    @Test
    void aResumedTrainingKeepsToThePlanItBeganWith() throws Exception {
        HyperparameterRequest three = parse("{\"batch_size\": 10, \"n_epochs\": 3}");
        Learner little = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 1024, false);
        TrainingLoop first =
                loop(little, dir, new Listener(step -> step == 1 ? Directive.PAUSE : Directive.CONTINUE), three, LONG);
        first.run();

        Listener listener = new Listener(step -> Directive.CONTINUE);
        Learner planned = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 1024, false);
        TrainingLoop resumed = loop(planned, dir.resolve("resumed"), listener, three, LONG);
        resumed.resumeFrom(first.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.notes)
                .as("by its own plan it would run out of memory once more")
                .isEmpty();
    }

    @Test
    void aResumedTrainingWithLessMemoryTakesItsOwnPlanAndSaysSo() throws Exception {
        HyperparameterRequest three = parse("{\"batch_size\": 10, \"n_epochs\": 3}");
        Listener stops = new Listener(step -> step == 1 ? Directive.PAUSE : Directive.CONTINUE);
        TrainingLoop first =
                loop(new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 4096, false), dir, stops, three, LONG);
        first.run();

        Listener listener = new Listener(step -> Directive.CONTINUE);
        FakeMemoryLimit little = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 1024, false, 1000);
        TrainingLoop resumed = loop(little, dir.resolve("resumed"), listener, three, LONG);
        resumed.resumeFrom(first.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.notes)
                .containsExactly("There is less memory than where the training began. From now on: at most 1,000 tokens"
                        + " at a time.");
    }

    @Test
    void aStepThatRunsOutOfMemoryIsRepeatedWithHalfTheMicroBatch() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        FakeMemoryLimit learner = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 1024, false);
        TrainingLoop loop = loop(learner, dir, listener, parse("{\"batch_size\": 10, \"n_epochs\": 3}"), LONG);

        assertThat(loop.run()).isTrue();

        assertThat(listener.steps).extracting(StepMetrics::step).containsExactly(1, 2, 3);
        assertThat(listener.notes)
                .containsExactly(
                        "Step 1 ran out of memory with 4,000 tokens at once. It is repeated, and from now on: at"
                                + " most 2,000 tokens at a time.",
                        "Step 1 ran out of memory with 2,000 tokens at once. It is repeated, and from now on: at most"
                                + " 1,000 tokens at a time.");
        TrainingLoop enough = loop(
                new UnigramLearner(VOCABULARY),
                dir.resolve("enough"),
                new Listener(step -> Directive.CONTINUE),
                parse("{\"batch_size\": 10, \"n_epochs\": 3}"),
                LONG);
        enough.run();
        assertThat(loop.metrics().get(2).trainLoss())
                .isCloseTo(enough.metrics().get(2).trainLoss(), within(1e-9));
    }

    @Test
    void layersAreRecomputedBeforeBatchesBecomeTooSmallAndThenTheyAreHalvedOn() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        FakeMemoryLimit learner = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 500, true);
        loop(learner, dir, listener, parse("{\"batch_size\": 10, \"n_epochs\": 1}"), LONG)
                .run();

        assertThat(listener.notes)
                .extracting(note -> note.substring(note.indexOf("at most")))
                .containsExactly(
                        "at most 2,000 tokens at a time.",
                        "at most 1,000 tokens at a time.",
                        "at most 1,000 tokens at a time, gradient checkpointing.",
                        "at most 400 tokens at a time, gradient checkpointing.");
    }

    @Test
    void aSingleExampleThatDoesNotFitEndsTheTraining() throws Exception {
        FakeMemoryLimit learner = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 300, true);
        Listener listener = new Listener(step -> Directive.CONTINUE);
        TrainingLoop loop = loop(learner, dir, listener, parse("{\"batch_size\": 1, \"n_epochs\": 1}"), LONG);

        assertThatThrownBy(loop::run)
                .isInstanceOfSatisfying(
                        TrainingFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo("out_of_memory"))
                .hasMessage(
                        "Step 1 ran out of memory with a single example of 400 tokens. Use a smaller context_length or"
                                + " lora_r, a smaller model, or a worker with more memory.");
        assertThat(listener.notes).hasSize(1);
    }
}
