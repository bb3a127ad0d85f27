package dev.tunegate.trainer.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.DataFile;
import dev.tunegate.trainer.dataset.DataFile.Role;
import dev.tunegate.trainer.dataset.ExampleEncoder;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import dev.tunegate.trainer.training.FreeMemory;
import dev.tunegate.trainer.training.HyperparameterRequest;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import dev.tunegate.trainer.training.Hyperparameters;
import dev.tunegate.trainer.training.MemoryEstimate;
import dev.tunegate.trainer.training.MemoryPlan;
import dev.tunegate.trainer.training.MetricsCsv;
import dev.tunegate.trainer.training.ModelLearner;
import dev.tunegate.trainer.training.StepTimes;
import dev.tunegate.trainer.training.TrainingData;
import dev.tunegate.trainer.training.TrainingLoop;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code train}: a training without a gateway, from files to files. */
@Command(
        name = "train",
        description =
                "Train a model from a JSONL file, without a gateway. The result is a PEFT adapter, or with --full a"
                        + " Hugging Face model, beside its checkpoints and step_metrics.csv.",
        mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "The base model: a Hugging Face directory.")
    private Path model = Path.of("");

    @Option(names = "--train", required = true, paramLabel = "FILE", description = "Examples to train on, JSONL.")
    private Path train = Path.of("");

    @Option(names = "--validation", paramLabel = "FILE", description = "Examples to measure on, JSONL.")
    private @Nullable Path validation;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the result goes.")
    private Path out = Path.of("");

    /** The methods that {@code --method} names. */
    enum Method {
        SUPERVISED(TrainingMethod.SUPERVISED),
        DPO(TrainingMethod.DPO);

        private final TrainingMethod method;

        Method(TrainingMethod method) {
            this.method = method;
        }
    }

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            defaultValue = "${env:TUNEGATE_METHOD:-supervised}",
            description = "What the lines are: supervised (chat lines, prompt and completion) or dpo (preferences)"
                    + " [TUNEGATE_METHOD] (default: ${DEFAULT-VALUE}).")
    private Method method = Method.SUPERVISED;

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            defaultValue = "${env:TUNEGATE_ADAPTER:-" + Option.NULL_VALUE + "}",
            description = "Go on training this adapter, in PEFT's format [TUNEGATE_ADAPTER].")
    private @Nullable Path adapter;

    @Option(
            names = "--full",
            defaultValue = "${env:TUNEGATE_FULL:-false}",
            description = "Train all weights instead of an adapter [TUNEGATE_FULL].")
    private boolean full;

    @Option(
            names = "--from-scratch",
            defaultValue = "${env:TUNEGATE_FROM_SCRATCH:-false}",
            description = "With --full: begin with random weights; the model directory needs only config.json and the"
                    + " tokenizer's files [TUNEGATE_FROM_SCRATCH].")
    private boolean fromScratch;

    @Option(
            names = "--resume",
            defaultValue = "${env:TUNEGATE_RESUME:-false}",
            description = "Go on where a training with the same options was interrupted [TUNEGATE_RESUME].")
    private boolean resume;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_SEED:-" + Option.NULL_VALUE + "}",
            description = "Decides the order of the examples, the first weights and dropout; needed for --resume"
                    + " [TUNEGATE_SEED] (default: random).")
    private @Nullable Integer seed;

    @Option(
            names = "--json",
            defaultValue = "${env:TUNEGATE_JSON:-false}",
            description = "Print the result as one JSON line, and no progress [TUNEGATE_JSON].")
    private boolean json;

    @Mixin
    private HyperparameterOptions hyperparameters = new HyperparameterOptions();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Override
    public Integer call() throws IOException, InvalidDataset {
        checkOptions();
        compute.apply();
        ModelConfig config = ModelConfig.read(model.resolve("config.json"));
        HyperparameterRequest request = continuing(hyperparameters.request(method.method), config);
        ModelFacts facts = ModelFacts.of(config, full);
        TrainingData data = readData(request.contextLength(facts));
        data.notes().forEach(note -> say("Note: " + note));
        long usedSeed = seed != null ? seed : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
        Hyperparameters numbers = request.resolve(data.training().size(), facts);
        ComputeType.Choice choice =
                full ? new ComputeType.Choice(ComputeType.FP32, "all weights are trained") : compute.choose(config);
        requireMemory(config, choice.type(), data, numbers);
        say(ComputeOptions.text(choice.type(), choice.reason()));
        try (LanguageModel loaded = load(config, choice.type(), usedSeed)) {
            train(loaded, data, numbers, usedSeed);
        }
        return 0;
    }

    private void train(LanguageModel loaded, TrainingData data, Hyperparameters numbers, long usedSeed)
            throws IOException {
        say("%d examples, %d epochs of %d steps, learning rate %.3g, seed %d"
                .formatted(
                        data.training().size(),
                        numbers.nEpochs(),
                        numbers.stepsPerEpoch(data.training().size()),
                        numbers.learningRate(),
                        usedSeed));
        try (ModelLearner learner = learner(loaded, numbers, usedSeed)) {
            ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), json);
            learner.fit(data, FreeMemory.bytes());
            TrainingLoop loop = new TrainingLoop(learner, data, numbers, usedSeed, out, progress, System::nanoTime);
            if (resume && Files.exists(loop.resumeFile())) {
                loop.resumeFrom(loop.resumeFile());
                say("Going on behind step " + loop.step());
            }
            run(loop, learner.times());
        }
    }

    private void run(TrainingLoop loop, StepTimes times) throws IOException {
        int firstStep = loop.step();
        long begin = System.nanoTime();
        long tokensBefore = loop.trainedTokens();
        loop.run();
        double seconds = (System.nanoTime() - begin) / 1e9;
        say(times.text(loop.step() - firstStep, seconds));
        loop.saveResult(out);
        MetricsCsv.write(loop.metrics(), out.resolve("step_metrics.csv"));
        TrainResult result = TrainResult.of(loop, out, seconds, loop.trainedTokens() - tokensBefore);
        PrintWriter stdout = spec.commandLine().getOut();
        stdout.println(json ? new ObjectMapper().writeValueAsString(result) : result.text());
    }

    private void checkOptions() throws IOException {
        if (fromScratch && !full) {
            throw new ParameterException(spec.commandLine(), "--from-scratch needs --full: an adapter needs a model");
        }
        if (full && (adapter != null || method == Method.DPO)) {
            throw new ParameterException(
                    spec.commandLine(), "--full trains all weights: not together with --adapter or --method dpo");
        }
        if (hyperparameters.stopsEarly() && validation == null) {
            throw new ParameterException(
                    spec.commandLine(), "--early-stopping-patience needs --validation: it watches that loss");
        }
        if (resume && seed == null) {
            throw new ParameterException(spec.commandLine(), "--resume needs the --seed of the interrupted training");
        }
        if (!resume && Files.isDirectory(out)) {
            try (Stream<Path> entries = Files.list(out)) {
                if (entries.findAny().isPresent()) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--out " + out + " is not empty: choose another, or go on with --resume");
                }
            }
        }
    }

    private TrainingData readData(int contextLength) throws IOException, InvalidDataset {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            return TrainingData.read(
                    new DataFile(train, Role.TRAINING, train.toString()),
                    validation == null ? null : new DataFile(validation, Role.VALIDATION, validation.toString()),
                    method.method,
                    new ExampleEncoder(tokenizer, ChatTemplate.load(model), contextLength, Stop.NEVER));
        }
    }

    /** Refuses a training that cannot fit before its model is read. */
    private void requireMemory(ModelConfig config, ComputeType type, TrainingData data, Hyperparameters numbers) {
        MemoryEstimate estimate = MemoryEstimate.of(
                config, type, full ? null : ModelLearner.lora(config, numbers), data, numbers.batchSize());
        estimate.requireWithin(
                MemoryPlan.generous(config),
                numbers.gradientCheckpointing(),
                FreeMemory.bytes() + estimate.present(false));
    }

    private LanguageModel load(ModelConfig config, ComputeType type, long usedSeed) throws IOException {
        if (!full) {
            return LanguageModel.load(model, type);
        }
        return fromScratch ? LanguageModel.random(config, usedSeed) : LanguageModel.loadTrainable(model);
    }

    private ModelLearner learner(LanguageModel loaded, Hyperparameters numbers, long usedSeed) throws IOException {
        if (full) {
            return ModelLearner.ofModel(loaded, model, storedType(), numbers, usedSeed);
        }
        String name = String.valueOf(model.toAbsolutePath().normalize().getFileName());
        return adapter == null
                ? ModelLearner.ofAdapter(loaded, name, numbers, usedSeed)
                : ModelLearner.fromAdapter(loaded, name, adapter, numbers, usedSeed);
    }

    private HyperparameterRequest continuing(HyperparameterRequest request, ModelConfig config) throws IOException {
        return adapter == null ? request : request.continuing(Adapter.check(adapter, config));
    }

    /** A model is written in the type that its configuration names. */
    private DType storedType() throws IOException {
        var config = new ObjectMapper().readTree(model.resolve("config.json").toFile());
        String name = config.path("dtype").asText(config.path("torch_dtype").asText("float32"));
        return switch (name) {
            case "bfloat16" -> DType.BF16;
            case "float16" -> DType.F16;
            default -> DType.F32;
        };
    }

    private void say(String line) {
        if (!json) {
            spec.commandLine().getErr().println(line);
        }
    }
}
