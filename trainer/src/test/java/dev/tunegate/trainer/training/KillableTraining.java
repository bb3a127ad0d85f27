package dev.tunegate.trainer.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A small real training, with dropout, as a process that a test can kill. It goes on from the resume state in its
 * directory, and saves one after every step.
 */
final class KillableTraining {
    static final int STEPS = 12;
    private static final int SEED = 7;

    private KillableTraining() {}

    /** Prints {@code step N} after every step, and each step's {@code loss N X} once all are done. */
    public static void main(String[] arguments) throws IOException {
        run(Path.of(arguments[0]), step -> System.out.println("step " + step))
                .forEach(metrics -> System.out.println("loss " + metrics.step() + " " + metrics.trainLoss()));
    }

    static List<StepMetrics> run(Path dir, Consumer<Integer> eachStep) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden(), ComputeType.FP32)) {
            List<Example> examples = examples(model.config().vocabularySize());
            JsonNode asked = new ObjectMapper().readTree("""
                    {"n_epochs": 2, "batch_size": 2, "learning_rate": 0.01, "lora_dropout": 0.2}""");
            Hyperparameters hyperparameters = HyperparameterRequest.parse(asked, TrainingMethod.SUPERVISED)
                    .resolve(examples.size(), ModelFacts.of(model.config(), false));
            try (ModelLearner learner = ModelLearner.ofAdapter(model, "model", hyperparameters, SEED)) {
                TrainingLoop loop = new TrainingLoop(
                        learner,
                        new TrainingData(examples, List.of(), List.of()),
                        hyperparameters,
                        SEED,
                        dir,
                        new Reports(eachStep),
                        new AMinutePerLook()::nanoTime);
                if (Files.exists(loop.resumeFile())) {
                    loop.resumeFrom(loop.resumeFile());
                }
                loop.run();
                return loop.metrics();
            }
        }
    }

    private static List<Example> examples(int vocabulary) {
        Random random = new Random(SEED);
        return IntStream.range(0, STEPS)
                .mapToObj(i -> {
                    int[] tokens = random.ints(10 + i, 0, vocabulary).toArray();
                    boolean[] trained = new boolean[tokens.length];
                    for (int t = 4; t < trained.length; t++) {
                        trained[t] = true;
                    }
                    return new Example(tokens, trained);
                })
                .toList();
    }

    static Path golden() {
        try {
            return Path.of(Objects.requireNonNull(KillableTraining.class.getResource("/golden/llama/model"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class AMinutePerLook {
        private long now;

        long nanoTime() {
            now += Duration.ofMinutes(1).toNanos();
            return now;
        }
    }

    private record Reports(Consumer<Integer> eachStep) implements TrainingListener {
        @Override
        public Directive directive() {
            return Directive.CONTINUE;
        }

        @Override
        public void measured(StepMetrics metrics, Progress progress) {
            eachStep.accept(metrics.step());
        }

        @Override
        public void noted(String message) {}

        @Override
        public void saved(Saved saved) {}
    }
}
