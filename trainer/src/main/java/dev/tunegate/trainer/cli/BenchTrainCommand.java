package dev.tunegate.trainer.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.bench.Shape;
import dev.tunegate.trainer.bench.TrainBench;
import dev.tunegate.trainer.bench.TrainBenchResult;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.DataFile;
import dev.tunegate.trainer.dataset.DatasetFile;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.ExampleEncoder;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code bench train}: how fast LoRA training is here. */
@Command(
        name = "train",
        description = "Time LoRA training on all linear layers, clipping and AdamW included.",
        mixinStandardHelpOptions = true)
final class BenchTrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @ArgGroup(multiplicity = "1")
    private Base base = new Base();

    /** What is trained. */
    static final class Base {
        @Option(
                names = "--shape",
                paramLabel = "SHAPE",
                converter = ShapeNames.class,
                completionCandidates = ShapeNames.class,
                description = "Random weights in the shape of a known model: ${COMPLETION-CANDIDATES}.")
        private @Nullable Shape shape;

        @Option(names = "--model", paramLabel = "DIR", description = "A Hugging Face directory.")
        private @Nullable Path model;
    }

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Examples to train on, JSONL; needs --model. Without, random tokens.")
    private @Nullable Path data;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "4",
            description = "Examples per step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--seq",
            paramLabel = "N",
            defaultValue = "256",
            description = "Tokens of a random example, or the most that are kept of one in --data"
                    + " (default: ${DEFAULT-VALUE}).")
    private int sequence;

    @Option(
            names = "--rank",
            paramLabel = "N",
            defaultValue = "16",
            description = "Rank of the adapter (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "8",
            description = "Steps that count, after two that do not (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(
            names = "--gradient-checkpointing",
            paramLabel = "auto|true|false",
            defaultValue = "auto",
            description =
                    "Compute layers once more in the backward pass instead of keeping them; auto does where memory"
                            + " asks for it (default: ${DEFAULT-VALUE}).")
    private Choice checkpointing = Choice.AUTO;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description =
                    "Write a trace of one more step (of its first lane), for chrome://tracing or ui.perfetto.dev.")
    private @Nullable Path profile;

    @Option(names = "--json", description = "Print the result as one JSON line, and no progress.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Override
    public Integer call() throws IOException, InvalidDataset {
        requirePositive("--batch", batch);
        requirePositive("--rank", rank);
        requirePositive("--steps", steps);
        if (sequence < 2) {
            throw new ParameterException(spec.commandLine(), "--seq: " + sequence + ", must be at least 2");
        }
        if (data != null && base.model == null) {
            throw new ParameterException(spec.commandLine(), "--data needs --model, whose tokenizer reads it");
        }
        ModelConfig config = config();
        compute.apply();
        ComputeType.Choice choice = compute.choose(config);
        List<Example> examples =
                data == null ? TrainBench.examples(batch, sequence, config.vocabularySize()) : read(data);
        TrainBench.requireMemory(config, choice.type(), examples, batch, rank, checkpointing.forced());
        try (LanguageModel model = base.model == null
                ? LanguageModel.randomFrozen(config, choice.type())
                : LanguageModel.load(base.model, choice.type())) {
            TrainBenchResult result = new TrainBench(model, examples, batch, rank, checkpointing.forced())
                    .run(steps, choice, profile, metrics -> {
                        if (!json) {
                            spec.commandLine()
                                    .getErr()
                                    .printf("%,d tokens, loss %.4f%n", metrics.tokens(), metrics.loss());
                        }
                    });
            spec.commandLine().getOut().println(json ? new ObjectMapper().writeValueAsString(result) : result.text());
        }
        return 0;
    }

    private ModelConfig config() throws IOException {
        if (base.shape != null) {
            return base.shape.config();
        }
        return ModelConfig.read(directory().resolve("config.json"));
    }

    private List<Example> read(Path file) throws IOException, InvalidDataset {
        Path directory = directory();
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            DataFile named = new DataFile(file, DataFile.Role.TRAINING, file.toString());
            ExampleEncoder encoder = new ExampleEncoder(tokenizer, ChatTemplate.load(directory), sequence, Stop.NEVER);
            return DatasetFile.read(named, encoder).examples();
        }
    }

    private Path directory() {
        if (base.model == null) {
            throw new IllegalStateException("neither --shape nor --model");
        }
        return base.model;
    }

    private void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + ": " + value + ", must be at least 1");
        }
    }

    /** Whether to do something, or to let the program decide. */
    enum Choice {
        AUTO,
        TRUE,
        FALSE;

        /** Null for {@link #AUTO}. */
        @Nullable
        Boolean forced() {
            return this == AUTO ? null : Boolean.valueOf(this == TRUE);
        }
    }

    /** The names of {@link Shape}. */
    static final class ShapeNames implements ITypeConverter<Shape>, Iterable<String> {
        @Override
        public Shape convert(String name) {
            try {
                return Shape.named(name);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("unknown shape '" + name + "'; there are " + String.join(", ", this));
            }
        }

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(Shape.values()).map(Shape::toString).iterator();
        }
    }
}
