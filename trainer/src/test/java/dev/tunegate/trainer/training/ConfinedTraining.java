package dev.tunegate.trainer.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.jna.NativeLibrary;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** A training whose process may not grow any more by what a step takes, from its second step on. */
final class ConfinedTraining {
    static final int SEQUENCES = 64;
    static final int LENGTH = 64;
    private static final int STEPS = 3;
    private static final int SEED = 7;

    /** The first array of the feed-forward block takes 4 × 2 × 8,192 bytes a token: 268 MB of all 4,096. */
    private static final String CONFIG = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 64, "hidden_size": 64,
             "intermediate_size": 8192, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
             "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "tie_word_embeddings": true}""";

    private static final long ROOM = 250_000_000;

    private ConfinedTraining() {}

    /** Prints every step and note. */
    public static void main(String[] arguments) throws IOException {
        ModelConfig config = config();
        List<Example> examples = examples(config.vocabularySize());
        Hyperparameters hyperparameters = HyperparameterRequest.parse(
                        new ObjectMapper()
                                .readTree("{\"n_epochs\": 1, \"lora_r\": 2, \"batch_size\": " + SEQUENCES + "}"),
                        TrainingMethod.SUPERVISED)
                .resolve(examples.size(), ModelFacts.of(config, false));
        try (LanguageModel model = LanguageModel.randomFrozen(config, ComputeType.FP32);
                ModelLearner learner = ModelLearner.ofAdapter(model, "model", hyperparameters, SEED)) {
            TrainingLoop loop = new TrainingLoop(
                    learner,
                    new TrainingData(examples, List.of(), List.of()),
                    hyperparameters,
                    SEED,
                    Path.of(arguments[0]),
                    new Reports(),
                    System::nanoTime);
            System.out.println("completed " + loop.run());
        }
    }

    static ModelConfig config() throws IOException {
        return ModelConfig.parse(new ObjectMapper().readTree(CONFIG));
    }

    private static List<Example> examples(int vocabulary) {
        Random random = new Random(SEED);
        boolean[] trained = new boolean[LENGTH];
        Arrays.fill(trained, LENGTH / 2, LENGTH, true);
        return Stream.generate(
                        () -> new Example(random.ints(LENGTH, 0, vocabulary).toArray(), trained))
                .limit(STEPS * (long) SEQUENCES)
                .toList();
    }

    /** As {@code ulimit -v} does. */
    private static void confine() {
        try {
            long most = ChildJvm.status("VmSize") + ROOM;
            int addressSpace = 9;
            Object[] arguments = {addressSpace, new long[] {most, most}};
            if (NativeLibrary.getProcess().getFunction("setrlimit").invokeInt(arguments) != 0) {
                throw new IllegalStateException("setrlimit failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Reports implements TrainingListener {
        @Override
        public Directive directive() {
            return Directive.CONTINUE;
        }

        @Override
        public void measured(StepMetrics metrics, Progress progress) {
            System.out.println("step " + metrics.step());
            if (metrics.step() == 1) {
                confine();
            }
        }

        @Override
        public void noted(String message) {
            System.out.println(message);
        }

        @Override
        public void saved(Saved saved) {}
    }
}
