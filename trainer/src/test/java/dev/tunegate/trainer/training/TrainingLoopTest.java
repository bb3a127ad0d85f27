package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.FileZip;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.TrainingItem;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import dev.tunegate.trainer.training.TrainingListener.Saved;
import dev.tunegate.trainer.training.TrainingListener.Wish;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
    private static final int VOCABULARY = 8;
    private static final List<Example> TRAINING = examples(10);
    private static final List<Example> LONG = Collections.nCopies(10, example(400));
    private static final List<Example> VALIDATION = examples(3);

    @TempDir
    Path dir;

    /** The time in nanoseconds; a listener moves it on. */
    private long now;

    @Test
    void everyEpochGoesThroughAllExamplesInAnotherOrder() {
        DataOrder order = new DataOrder(TRAINING, 4, 7);

        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        List<TrainingItem> first = IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(step -> order.batch(step).stream())
                .toList();
        List<TrainingItem> second = IntStream.rangeClosed(4, 6)
                .boxed()
                .flatMap(step -> order.batch(step).stream())
                .toList();
        assertThat(first).containsExactlyInAnyOrderElementsOf(TRAINING).isNotEqualTo(TRAINING);
        assertThat(second).containsExactlyInAnyOrderElementsOf(TRAINING).isNotEqualTo(first);
    }

    @Test
    void stepsAreMeasuredAndTheLossFalls() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
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
        Listener listener = new Listener(step -> Wish.GO_ON);
        loop(dir, listener, 5).run();

        assertThat(listener.saved).extracting(Saved::step).containsExactly(3, 6, 9, 12, 15);
        assertThat(dir).isDirectoryNotContaining("glob:**/checkpoint-6");
        try (var left = Files.list(dir)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("checkpoint-9", "checkpoint-12", "checkpoint-15", "resume.zip");
        }
    }

    @Test
    void aKilledTrainingGoesOnFromItsCheckpointWithTheSameResults() throws Exception {
        TrainingLoop uninterrupted = loop(dir.resolve("a"), new Listener(step -> Wish.GO_ON), 4);
        uninterrupted.run();

        // Stopped two steps behind the checkpoint of step 6, without a word.
        TrainingLoop killed = loop(dir.resolve("b"), new Listener(step -> step == 8 ? Wish.STOP : Wish.GO_ON), 4);
        assertThat(killed.run()).isFalse();
        Listener listener = new Listener(step -> Wish.GO_ON);
        TrainingLoop resumed = loop(dir.resolve("c"), listener, 4);
        resumed.resumeFrom(killed.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.steps.get(0).step()).isEqualTo(7);
        assertThat(resumed.metrics()).isEqualTo(uninterrupted.metrics());
        assertThat(resumed.trainedTokens()).isEqualTo(uninterrupted.trainedTokens());
        assertThat(dir.resolve("c/checkpoint-12/logits")).hasSameBinaryContentAs(dir.resolve("a/checkpoint-12/logits"));
    }

    @Test
    void aPauseSavesAResumePointThatIsNoCheckpoint() throws Exception {
        Listener listener = new Listener(step -> step == 4 ? Wish.SAVE_AND_STOP : Wish.GO_ON);
        loop(dir, listener, 4).run();

        assertThat(last(listener.saved).step()).isEqualTo(4);
        assertThat(last(listener.saved).weights()).isNull();
        Listener resumed = new Listener(step -> Wish.GO_ON);
        TrainingLoop loop = loop(dir, resumed, 4);
        loop.resumeFrom(dir.resolve("resume.zip"));
        loop.run();
        assertThat(resumed.steps.get(0).step()).isEqualTo(5);
    }

    @Test
    void aPauseBehindACheckpointHasNothingLeftToSave() throws Exception {
        Listener listener = new Listener(step -> step == 3 ? Wish.SAVE_AND_STOP : Wish.GO_ON);
        loop(dir, listener, 4).run();

        assertThat(listener.saved).extracting(Saved::step).containsExactly(3);
        assertThat(last(listener.saved).weights()).isNotNull();
    }

    @Test
    void aLongEpochHasResumePointsInside() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
        listener.secondsPerStep = 40;
        loop(dir, listener, 2).run();

        // After two steps it would be 80 seconds.
        assertThat(listener.saved).extracting(Saved::step).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(listener.saved)
                .extracting(saved -> saved.weights() != null)
                .containsExactly(false, false, true, false, false, true);
        assertThat(listener.remaining.get(0)).isEqualTo(5 * 40);
    }

    @Test
    void quickStepsAreSavedOnceAMinute() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
        listener.secondsPerStep = 30;
        loop(dir, listener, 2).run();

        assertThat(listener.saved).extracting(Saved::step).containsExactly(2, 3, 5, 6);
    }

    @Test
    void aBrokenResumeStateIsRefused() throws Exception {
        TrainingLoop first = loop(dir, new Listener(step -> Wish.GO_ON), 1);
        first.run();
        byte[] whole = Files.readAllBytes(first.resumeFile());
        Files.write(first.resumeFile(), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> loop(dir, new Listener(step -> Wish.GO_ON), 1).resumeFrom(first.resumeFile()))
                .isInstanceOf(NotResumable.class)
                .hasMessageContaining("it is broken");
    }

    @Test
    void cancelIsObeyedBeforeTheNextStep() throws Exception {
        Listener listener = new Listener(step -> step == 2 ? Wish.STOP : Wish.GO_ON);

        assertThat(loop(dir, listener, 4).run()).isFalse();
        assertThat(listener.steps).hasSize(2);
        assertThat(listener.saved).isEmpty();
    }

    @Test
    void anotherTrainingsResumeStateIsRefused() throws Exception {
        TrainingLoop first = loop(dir, new Listener(step -> Wish.GO_ON), 1);
        first.run();

        assertThatThrownBy(() -> loop(dir, new Listener(step -> Wish.GO_ON), 2).resumeFrom(first.resumeFile()))
                .isInstanceOf(NotResumable.class)
                .hasMessageContaining("other data, hyperparameters, another adapter to start from or another seed");
    }

    @Test
    void aLossThatIsNoNumberEndsTheTrainingAtOnceAndKeepsTheLastGoodCheckpoint() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
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
        Listener listener = new Listener(step -> Wish.GO_ON);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(4)));
        learner.evaluatesTo(step -> Double.NaN);

        assertThatThrownBy(loop::run)
                .isInstanceOf(TrainingFailure.class)
                .hasMessageStartingWith("The training diverged: the validation loss is not a finite number at step 1 ");
        assertThat(listener.saved).isEmpty();
    }

    @Test
    void trainingStopsWhenNoCheckpointGetsBetterAndTakesTheBest() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
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
    void aTrainingKilledBehindItsEarlyStopIsStillStopped() throws Exception {
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop stopped = loop(learner, dir, new Listener(step -> Wish.GO_ON), parse(epochs(10, 1)));
        learner.evaluatesTo(perEpoch(3, 4));
        stopped.run();

        Listener listener = new Listener(step -> Wish.GO_ON);
        TrainingLoop resumed = loop(dir, listener, parse(epochs(10, 1)));
        resumed.resumeFrom(stopped.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.steps).isEmpty();
        assertThat(resumed.finalStep()).isEqualTo(3);
    }

    @Test
    void theBestIsTakenAlsoWhenPatienceLasts() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
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
        Listener listener = new Listener(step -> Wish.GO_ON);
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop loop = loop(learner, dir, listener, parse(epochs(3)));
        learner.evaluatesTo(perEpoch(3, 4, 5));
        loop.run();

        assertThat(loop.finalStep()).isEqualTo(9);
        assertThat(listener.notes).isEmpty();
    }

    @Test
    void aStepThatRunsOutOfMemoryIsRepeatedWithHalfTheMicroBatch() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
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
                new Listener(step -> Wish.GO_ON),
                parse("{\"batch_size\": 10, \"n_epochs\": 3}"),
                LONG);
        enough.run();
        assertThat(loop.metrics().get(2).trainLoss())
                .isCloseTo(enough.metrics().get(2).trainLoss(), within(1e-9));
    }

    @Test
    void layersAreRecomputedBeforeBatchesBecomeTooSmallAndThenTheyAreHalvedOn() throws Exception {
        Listener listener = new Listener(step -> Wish.GO_ON);
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
    void aResumedTrainingKeepsToThePlanItBeganWith() throws Exception {
        HyperparameterRequest three = parse("{\"batch_size\": 10, \"n_epochs\": 3}");
        Learner little = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 1024, false);
        TrainingLoop first = loop(little, dir, new Listener(step -> step == 1 ? Wish.STOP : Wish.GO_ON), three, LONG);
        first.run();

        Listener listener = new Listener(step -> Wish.GO_ON);
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
        Listener stops = new Listener(step -> step == 1 ? Wish.STOP : Wish.GO_ON);
        TrainingLoop first =
                loop(new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 4096, false), dir, stops, three, LONG);
        first.run();

        Listener listener = new Listener(step -> Wish.GO_ON);
        FakeMemoryLimit little = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 1024, false, 1000);
        TrainingLoop resumed = loop(little, dir.resolve("resumed"), listener, three, LONG);
        resumed.resumeFrom(first.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.notes)
                .containsExactly("There is less memory than where the training began. From now on: at most 1,000 tokens"
                        + " at a time.");
    }

    @Test
    void aStateFromBeforePlansWereKeptCanBeResumed() throws Exception {
        TrainingLoop first = loop(dir, new Listener(step -> step == 3 ? Wish.STOP : Wish.GO_ON), 4);
        first.run();
        Path unpacked = Files.createDirectory(dir.resolve("unpacked"));
        FileZip.unpack(
                first.resumeFile(),
                Map.of("state.json", 1L << 20, ResumeState.WEIGHTS, 1L << 20, ResumeState.OPTIMIZER, 1L << 20),
                unpacked);
        ObjectNode state = (ObjectNode)
                new ObjectMapper().readTree(unpacked.resolve("state.json").toFile());
        assertThat(state.remove("plan")).isNotNull();
        new ObjectMapper().writeValue(unpacked.resolve("state.json").toFile(), state);
        Path old = dir.resolve("old.zip");
        FileZip.pack(unpacked, List.of("state.json", ResumeState.WEIGHTS, ResumeState.OPTIMIZER), old);

        TrainingLoop resumed = loop(dir.resolve("resumed"), new Listener(step -> Wish.GO_ON), 4);
        resumed.resumeFrom(old);

        assertThat(resumed.step()).isEqualTo(3);
        assertThat(resumed.run()).isTrue();
    }

    @Test
    void aSingleExampleThatDoesNotFitEndsTheTraining() throws Exception {
        FakeMemoryLimit learner = new FakeMemoryLimit(new UnigramLearner(VOCABULARY), 300, true);
        Listener listener = new Listener(step -> Wish.GO_ON);
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

    private TrainingLoop loop(Path dir, Listener listener, int epochs) throws IOException {
        return loop(dir, listener, parse(epochs(epochs)));
    }

    private static IntToDoubleFunction perEpoch(double... losses) {
        return step -> losses[(step - 1) / 3];
    }

    private static String epochs(int epochs) {
        return "{\"learning_rate\": 0.5, \"batch_size\": 4, \"n_epochs\": %d}".formatted(epochs);
    }

    private static String epochs(int epochs, int patience) {
        return epochs(epochs).replace("}", ", \"early_stopping_patience\": %d}".formatted(patience));
    }

    private TrainingLoop loop(Path dir, Listener listener, HyperparameterRequest request) {
        return loop(new UnigramLearner(VOCABULARY), dir, listener, request);
    }

    private TrainingLoop loop(UnigramLearner learner, Path dir, Listener listener, HyperparameterRequest request) {
        return loop(learner, dir, listener, request, TRAINING);
    }

    private TrainingLoop loop(
            Learner learner, Path dir, Listener listener, HyperparameterRequest request, List<Example> training) {
        Hyperparameters hyperparameters =
                request.resolve(training.size(), new ModelFacts("LlamaForCausalLM", 64, 512, false));
        return new TrainingLoop(
                learner,
                new TrainingData(training, VALIDATION, List.of()),
                hyperparameters,
                42,
                dir,
                listener,
                () -> now);
    }

    private static HyperparameterRequest parse(String json) throws IOException {
        return HyperparameterRequest.parse(new ObjectMapper().readTree(json), TrainingMethod.SUPERVISED);
    }

    private static List<Example> examples(int count) {
        return IntStream.range(0, count).mapToObj(i -> example(4 + i)).toList();
    }

    private static Example example(int length) {
        int[] tokens = IntStream.range(0, length)
                .map(t -> t * (length - 4) % VOCABULARY / 2)
                .toArray();
        boolean[] trained = new boolean[length];
        trained[2] = trained[3] = true;
        return new Example(tokens, trained);
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    /** Keeps what it hears and wishes by the number of steps done. */
    private final class Listener implements TrainingListener {
        private final List<StepMetrics> steps = new ArrayList<>();
        private final List<Long> remaining = new ArrayList<>();
        private final List<Saved> saved = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private final IntFunction<Wish> wishes;
        private long secondsPerStep = 1;

        Listener(IntFunction<Wish> wishes) {
            this.wishes = wishes;
        }

        @Override
        public Wish wish() {
            now += secondsPerStep * 1_000_000_000;
            return wishes.apply(steps.size());
        }

        @Override
        public void measured(StepMetrics metrics, Progress progress) {
            steps.add(metrics);
            remaining.add(progress.remaining().toSeconds());
        }

        @Override
        public void noted(String message) {
            notes.add(message);
        }

        @Override
        public void saved(Saved point) {
            saved.add(point);
            assertThat(point.resume()).exists();
            assertThat(point.weights() == null || Files.exists(Objects.requireNonNull(point.weights())))
                    .isTrue();
        }
    }
}
