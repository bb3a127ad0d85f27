package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import dev.tunegate.trainer.training.TrainingListener.Saved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** Loops over a learner that needs no tensors, with a clock that the listener moves. */
abstract class TrainingLoopFixture {
    static final int VOCABULARY = 8;
    static final List<Example> TRAINING = examples(10);
    static final List<Example> LONG = Collections.nCopies(10, example(400));
    static final List<Example> VALIDATION = examples(3);

    @TempDir
    Path dir;

    /** The time in nanoseconds; a listener moves it on. */
    private long now;

    TrainingLoop loop(Path dir, Listener listener, int epochs) throws IOException {
        return loop(dir, listener, parse(epochs(epochs)));
    }

    static IntToDoubleFunction perEpoch(double... losses) {
        return step -> losses[(step - 1) / 3];
    }

    static String epochs(int epochs) {
        return "{\"learning_rate\": 0.5, \"batch_size\": 4, \"n_epochs\": %d}".formatted(epochs);
    }

    static String epochs(int epochs, int patience) {
        return epochs(epochs).replace("}", ", \"early_stopping_patience\": %d}".formatted(patience));
    }

    TrainingLoop loop(Path dir, Listener listener, HyperparameterRequest request) {
        return loop(new UnigramLearner(VOCABULARY), dir, listener, request);
    }

    TrainingLoop loop(UnigramLearner learner, Path dir, Listener listener, HyperparameterRequest request) {
        return loop(learner, dir, listener, request, TRAINING);
    }

    TrainingLoop loop(
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

    static HyperparameterRequest parse(String json) throws IOException {
        return HyperparameterRequest.parse(new ObjectMapper().readTree(json), TrainingMethod.SUPERVISED);
    }

    static List<Example> examples(int count) {
        return IntStream.range(0, count).mapToObj(i -> example(4 + i)).toList();
    }

    static Example example(int length) {
        int[] tokens = IntStream.range(0, length)
                .map(t -> t * (length - 4) % VOCABULARY / 2)
                .toArray();
        boolean[] trained = new boolean[length];
        trained[2] = trained[3] = true;
        return new Example(tokens, trained);
    }

    static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    /** Keeps what it hears, and directs by the number of steps done. */
    final class Listener implements TrainingListener {
        final List<StepMetrics> steps = new ArrayList<>();
        final List<Long> remaining = new ArrayList<>();
        final List<Saved> saved = new ArrayList<>();
        final List<String> notes = new ArrayList<>();
        private final IntFunction<Directive> directives;
        long secondsPerStep = 1;
        private int stepsTimed = -1;

        Listener(IntFunction<Directive> directives) {
            this.directives = directives;
        }

        @Override
        public Directive directive() {
            if (stepsTimed < steps.size()) { // a step is asked about often, and takes its time once
                stepsTimed = steps.size();
                now += secondsPerStep * 1_000_000_000;
            }
            return directives.apply(steps.size());
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
