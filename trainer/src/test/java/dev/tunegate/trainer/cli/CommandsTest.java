package dev.tunegate.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.text.Tokenizer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(300)
class CommandsTest {
    private static final Path MODEL = Path.of("src/test/resources/golden/llama/model");

    @TempDir
    Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path data = Path.of("");

    @BeforeEach
    void writeData() throws Exception {
        String lines = IntStream.range(0, 12)
                .mapToObj(i -> "{\"prompt\": \"Say %d\", \"completion\": \" It is %d.\"}".formatted(i, i))
                .collect(Collectors.joining("\n"));
        data = Files.writeString(dir.resolve("data.jsonl"), lines);
    }

    @Test
    void trainWritesAnAdapterThatLoads() throws Exception {
        Path result = dir.resolve("out");

        assertThat(train(result, "--validation", data.toString(), "--json")).isZero();

        JsonNode summary = new ObjectMapper().readTree(out.toString());
        assertThat(summary.get("steps").intValue()).isEqualTo(6);
        assertThat(summary.get("full_valid_loss").doubleValue()).isPositive();
        assertThat(summary.get("tokens_per_second").doubleValue()).isPositive();
        assertThat(Files.readAllLines(result.resolve("step_metrics.csv"))).hasSize(7);
        assertThat(result.resolve("checkpoint-6")).isDirectory();
        try (LanguageModel model = LanguageModel.load(MODEL, ComputeType.FP32);
                Adapter adapter = Adapter.load(result, model)) {
            assertThat(adapter.config().rank()).isEqualTo(16);
        }
    }

    /** There are no weights at all: before they are missed, it is clear that they would not fit. */
    @Test
    void aModelThatCannotFitIsNotEvenRead() throws Exception {
        Path huge = Files.createDirectory(dir.resolve("huge"));
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(MODEL.resolve(file), huge.resolve(file));
        }
        String config = Files.readString(MODEL.resolve("config.json"));
        Files.writeString(
                huge.resolve("config.json"),
                config.replace("\"hidden_size\": 64", "\"hidden_size\": 65536")
                        .replace("\"num_attention_heads\": 4", "\"num_attention_heads\": 64")
                        .replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1000"));

        for (String[] more : new String[][] {{}, {"--full"}, {"--full", "--from-scratch"}}) {
            err.getBuffer().setLength(0);
            String[] options = Stream.concat(Stream.of("--model", huge.toString()), Stream.of(more))
                    .toArray(String[]::new);
            assertThat(train(dir.resolve("out"), options)).isEqualTo(1);
            assertThat(err.toString().lines()).hasSize(1);
            assertThat(err.toString())
                    .startsWith("error: The training needs about ")
                    .contains(" GB of memory (model ", "; there are ")
                    .endsWith("No context_length makes it fit: use a smaller model, or a worker with more memory.\n");
        }
        assertThat(dir.resolve("out")).doesNotExist();
        assertThat(run("bench", "train", "--model", huge.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("No context_length makes it fit");
    }

    @Test
    void trainFullWritesAModelDirectory() throws Exception {
        Path result = dir.resolve("out");

        assertThat(train(result, "--full", "--from-scratch")).isZero();

        assertThat(err.toString()).contains("Computing in FP32: all weights are trained", "step 6/6");
        ModelDirectory.open(result).close();
        Tokenizer.load(result).close();
    }

    @Test
    void anInterruptedTrainingIsResumedFromItsDirectory() throws Exception {
        Path whole = dir.resolve("whole");
        assertThat(train(whole)).isZero();

        // What an interruption behind the first epoch leaves there.
        Path interrupted = dir.resolve("interrupted");
        assertThat(train(interrupted, "--n-epochs", "1")).isZero();
        assertThat(train(interrupted, "--resume")).isEqualTo(1);
        assertThat(err.toString()).contains("error: The resume state cannot be used: it belongs to other data");

        assertThat(train(whole, "--resume")).isZero();
        assertThat(err.toString()).contains("Going on behind step 6");
    }

    @Test
    void trainLearnsPreferencesAndGoesOnFromItsAdapter() throws Exception {
        String pair = "{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"Is it?\"}]},"
                + " \"preferred_output\": [{\"role\": \"assistant\", \"content\": \"yes\"}],"
                + " \"non_preferred_output\": [{\"role\": \"assistant\", \"content\": \"no\"}]}\n";
        data = Files.writeString(dir.resolve("pairs.jsonl"), pair.repeat(12));
        Path first = dir.resolve("first");
        Path second = dir.resolve("second");

        assertThat(train(first, "--method", "dpo", "--beta", "0.2", "--lora-r", "4"))
                .isZero();
        assertThat(Files.readAllLines(first.resolve("step_metrics.csv")).get(0)).endsWith("rewards/accuracies");
        assertThat(train(second, "--method", "dpo", "--adapter", first.toString()))
                .isZero();
        assertThat(second.resolve("adapter_config.json")).content().contains("\"r\" : 4");
        assertThat(train(dir.resolve("third"), "--adapter", first.toString(), "--lora-r", "8", "--method", "dpo"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("invalid lora_r: 8, must be \"auto\" or 4");
    }

    @Test
    void aTrainingIsNotResumedFromAnotherAdapter() throws Exception {
        Path first = dir.resolve("first");
        Path other = dir.resolve("other");
        Path result = dir.resolve("out");
        assertThat(train(first)).isZero();
        assertThat(train(other, "--seed", "2")).isZero();
        assertThat(train(result, "--adapter", first.toString())).isZero();

        assertThat(train(result, "--adapter", other.toString(), "--resume")).isEqualTo(1);
        assertThat(err.toString())
                .contains("error: The resume state cannot be used: it belongs to", "another adapter to start from");
        assertThat(train(result, "--adapter", first.toString(), "--resume")).isZero();
        assertThat(err.toString()).contains("Going on behind step 6");
    }

    @Test
    void anAdapterThatDoesNotFitIsRefusedBeforeAnythingIsLoaded() throws Exception {
        Path adapter = dir.resolve("adapter");
        assertThat(train(adapter, "--lora-r", "4")).isZero();
        Path config = adapter.resolve("adapter_config.json");
        Files.writeString(config, Files.readString(config).replace("\"r\" : 4", "\"r\" : 8"));
        err.getBuffer().setLength(0);

        assertThat(train(dir.resolve("out"), "--adapter", adapter.toString())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("error: " + adapter.resolve("adapter_model.safetensors")
                        + ": tensor base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight has shape [4, 64];"
                        + " this model and rank need [8, 64]\n");
    }

    @Test
    void benchTrainSaysHowFastItIs() throws Exception {
        String model = MODEL.toString();
        assertThat(run("bench", "train", "--model", model, "--seq", "16", "--batch", "2", "--steps", "2", "--json"))
                .isZero();

        JsonNode result = new ObjectMapper().readTree(out.toString());
        assertThat(result.fieldNames())
                .toIterable()
                .contains(
                        "tokens_per_second",
                        "step_seconds",
                        "forward_seconds",
                        "backward_seconds",
                        "optimizer_seconds",
                        "peak_rss_mb",
                        "dtype",
                        "dtype_reason",
                        "gemm_peak_gflops",
                        "mfu");
        assertThat(result.get("tokens_per_second").doubleValue()
                        * result.get("step_seconds").doubleValue())
                .isCloseTo(32, within(0.01));
        assertThat(result.get("forward_seconds").doubleValue()
                        + result.get("backward_seconds").doubleValue())
                .isBetween(0.0, result.get("step_seconds").doubleValue());
    }

    @Test
    void benchTrainSaysWhatItCannotMeasure() {
        assertThat(run("bench", "train", "--shape", "gpt-5")).isEqualTo(2);
        assertThat(err.toString()).contains("unknown shape 'gpt-5'; there are smollm2-135m, tinyllama-1.1b, llama3-8b");
        assertThat(run("bench", "train", "--shape", "smollm2-135m", "--data", "x"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--data needs --model");
        assertThat(run("bench", "train", "--shape", "smollm2-135m", "--steps", "0"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--steps: 0, must be at least 1");
    }

    @Test
    void earlyStoppingNeedsValidationExamples() {
        assertThat(train(dir.resolve("out"), "--early-stopping-patience", "1")).isEqualTo(2);
        assertThat(err.toString()).contains("--early-stopping-patience needs --validation");
    }

    @Test
    void aDeviceThatIsNotThereIsAUsageError() {
        assertThat(train(dir.resolve("out"), "--device", "cuda:7")).isEqualTo(2);
        assertThat(err.toString()).startsWith("error: --device: cuda:7 is not there; libtorch finds ");
    }

    @Test
    void whatIsNoDeviceIsAUsageError() {
        assertThat(train(dir.resolve("out"), "--device", "gpu")).isEqualTo(2);
        assertThat(err.toString()).contains("'--device'", "'gpu', must be auto, cpu or cuda:N");
    }

    @Test
    void devicesEndWithTheCpu() {
        assertThat(run("devices")).isZero();
        assertThat(out.toString()).endsWith("cpu\n");
    }

    @Test
    void aWrongHyperparameterIsAUsageError() {
        assertThat(train(dir.resolve("out"), "--lora-r", "0")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualTo("error: invalid lora_r: 0, must be \"auto\" or an integer from 1 to 1024\n");
    }

    @Test
    void whatCannotBeReadIsOneLine() {
        assertThat(run("train", "--model", dir.toString(), "--train", data.toString(), "--out", "x"))
                .isEqualTo(1);
        assertThat(err.toString()).isEqualTo("error: " + dir.resolve("config.json") + " does not exist\n");
    }

    @Test
    void aResultIsNotWrittenOverAnother() throws Exception {
        Files.writeString(Files.createDirectory(dir.resolve("out")).resolve("precious"), "");

        assertThat(train(dir.resolve("out"))).isEqualTo(2);
        assertThat(err.toString()).contains("is not empty: choose another, or go on with --resume");
    }

    @Test
    void aWorkerNeedsAToken() {
        assertThat(run("worker", "--token", "", "--gateway", "http://localhost:1"))
                .isEqualTo(2);
        assertThat(err.toString()).startsWith("error: no worker token: set TUNEGATE_WORKER_TOKEN or give --token");
    }

    @Test
    void anImportedModelIsListed() {
        String dataDir = dir.resolve("data").toString();

        assertThat(run("models", "import", MODEL.toString(), "--name", "tiny", "--data-dir", dataDir))
                .isZero();
        assertThat(run("models", "list", "--data-dir", dataDir)).isZero();
        assertThat(out.toString())
                .isEqualTo("Imported tiny to %s%ntiny  LlamaForCausalLM, context 128  %s%n"
                        .formatted(dir.resolve("data/models/tiny"), dir.resolve("data/models/tiny")));
    }

    @Test
    void aModelIsNotImportedUnderAPath() {
        assertThat(run("models", "import", MODEL.toString(), "--name", "../up", "--data-dir", dir.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("error: '../up' cannot be a model's name");
    }

    private int train(Path result, String... more) {
        String[] fixed = {
            "train",
            "--model",
            MODEL.toString(),
            "--train",
            data.toString(),
            "--out",
            result.toString(),
            "--n-epochs",
            "2",
            "--batch-size",
            "4",
            "--seed",
            "1",
            "--dtype",
            "fp32"
        };
        String[] args = new String[fixed.length + more.length];
        System.arraycopy(fixed, 0, args, 0, fixed.length);
        System.arraycopy(more, 0, args, fixed.length, more.length);
        return run(args);
    }

    private int run(String... args) {
        CommandLine command = Main.commandLine().setOverwrittenOptionsAllowed(true);
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
