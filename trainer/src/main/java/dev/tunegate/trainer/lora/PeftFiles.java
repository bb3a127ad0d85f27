package dev.tunegate.trainer.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.Digests;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.JsonFile;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.Switches.Storage;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.WeightLayout;
import dev.tunegate.trainer.torch.FlatParameters.Parameter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** PEFT's adapter directories: {@code adapter_config.json} and {@code adapter_model.safetensors}. */
final class PeftFiles {

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    /** PEFT wraps the model twice, and the names of its tensors say so. */
    private static final String PREFIX = "base_model.model.";

    /** Fields that change what an adapter computes and that are not known here: they must be absent, null, false or empty. */
    private static final List<String> UNSUPPORTED = List.of(
            "use_dora",
            "lora_bias",
            "layer_replication",
            "trainable_token_indices",
            "target_parameters",
            "exclude_modules",
            "alora_invocation_tokens",
            "use_qalora",
            "use_bdlora",
            "arrow_config",
            "kasa_config",
            "monteclora_config",
            "velora_config");

    /** Ways to begin that leave the base weights as they are; after any other, the adapter belongs to changed ones. */
    private static final Set<String> KNOWN_BEGINNINGS = Set.of("true", "false", "gaussian", "orthogonal", "eva");

    private static final ObjectMapper JSON = new ObjectMapper();

    private PeftFiles() {}

    static Adapter load(Path directory, LanguageModel model) throws IOException {
        Adapter adapter = new Adapter(model, check(directory, model.config()));
        try (Safetensors file = Safetensors.open(directory.resolve(WEIGHTS));
                NDManager scope = model.newSubManager()) {
            List<Parameter> parameters = adapter.parameters().parameters();
            for (int i = 0; i < parameters.size(); i++) {
                adapter.parameters().set(i, read(file, model, scope, parameters.get(i)));
            }
            return adapter;
        } catch (IOException | RuntimeException e) {
            adapter.close();
            throw e;
        }
    }

    static LoraConfig check(Path directory, ModelConfig model) throws IOException {
        LoraConfig config = readConfig(directory.resolve(CONFIG), model);
        List<Parameter> parameters;
        try {
            parameters =
                    AdapterModules.of(model, new WeightLayout(model), config).parameters(config);
        } catch (IllegalArgumentException e) {
            throw new InvalidCheckpoint(directory.resolve(CONFIG) + ": " + e.getMessage(), e);
        }
        try (Safetensors file = Safetensors.open(directory.resolve(WEIGHTS))) {
            Set<String> unused = new LinkedHashSet<>(file.tensors().keySet());
            for (Parameter parameter : parameters) {
                check(file, parameter);
                unused.remove(PREFIX + parameter.name());
            }
            if (!unused.isEmpty()) {
                throw new InvalidCheckpoint(directory.resolve(WEIGHTS) + " holds " + unused.size()
                        + " tensors that do not belong to this adapter, such as "
                        + unused.iterator().next());
            }
        }
        return config;
    }

    private static void check(Safetensors file, Parameter parameter) {
        String name = PREFIX + parameter.name();
        TensorInfo info = file.info(name);
        if (!info.shape().equals(parameter.shape())) {
            throw new InvalidCheckpoint(file.file() + ": tensor " + name + " has shape " + info.shape()
                    + "; this model and rank need " + parameter.shape());
        }
        if (!info.dtype().isWeight()) {
            throw new InvalidCheckpoint(file.file() + ": tensor " + name + " is stored as " + info.dtype()
                    + "; weights must be F32, F16 or BF16");
        }
    }

    private static NDArray read(Safetensors file, LanguageModel model, NDManager scope, Parameter parameter)
            throws IOException {
        TensorInfo info = file.info(PREFIX + parameter.name());
        long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
        NDArray values = model.tensors().fromBytes(scope, file.read(info.name()), info.dtype(), DType.F32, shape);
        if (!model.tensors().isFinite(values)) {
            throw new InvalidCheckpoint(
                    file.file() + ": tensor " + info.name() + " has values that are infinite or not a number");
        }
        return values;
    }

    static String digest(Path directory) throws IOException {
        MessageDigest digest = Digests.sha256();
        for (String name : List.of(CONFIG, WEIGHTS)) {
            try (var in = new DigestInputStream(Files.newInputStream(directory.resolve(name)), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static LoraConfig readConfig(Path file, ModelConfig model) throws IOException {
        JsonNode json = JsonFile.read(file);
        if (!json.path("peft_type").asText().equals("LORA")) {
            throw new InvalidCheckpoint(file + ": peft_type is " + json.path("peft_type") + ", must be LORA");
        }
        for (String field : UNSUPPORTED) {
            JsonNode value = json.path(field);
            boolean neutral = value.isMissingNode()
                    || value.isNull()
                    || (value.isBoolean() && !value.booleanValue())
                    || (value.isContainerNode() && value.isEmpty());
            if (!neutral) {
                throw new InvalidCheckpoint(file + ": " + field + " = " + value + " is not supported");
            }
        }
        if (!json.path("bias").asText("none").equals("none")) {
            throw new InvalidCheckpoint(file + ": bias = " + json.path("bias") + " is not supported; supported: none");
        }
        String beginning = json.path("init_lora_weights").asText("true");
        if (!KNOWN_BEGINNINGS.contains(beginning)) {
            throw new InvalidCheckpoint(file + ": init_lora_weights = " + beginning
                    + " changes the base model's weights; convert the adapter to a plain one");
        }
        try {
            return new LoraConfig(
                    json.path("r").asInt(8),
                    json.path("lora_alpha").asDouble(8),
                    json.path("lora_dropout").asDouble(0),
                    targets(file, json.path("target_modules"), model),
                    json.path("use_rslora").asBoolean(false),
                    patterns(json, "rank_pattern", JsonNode::intValue),
                    patterns(json, "alpha_pattern", JsonNode::doubleValue),
                    layers(file, json),
                    texts(json.path("modules_to_save")));
        } catch (IllegalArgumentException e) {
            throw new InvalidCheckpoint(file + ": " + e.getMessage(), e);
        }
    }

    private static <T> ModulePatterns<T> patterns(JsonNode json, String field, Function<JsonNode, T> value) {
        Map<String, T> values = new LinkedHashMap<>();
        for (var entry : json.path(field).properties()) {
            if (!entry.getValue().isNumber()) {
                throw new IllegalArgumentException(
                        field + " " + entry.getKey() + " must be a number, found " + entry.getValue());
            }
            values.put(entry.getKey(), value.apply(entry.getValue()));
        }
        return new ModulePatterns<>(values);
    }

    /** One layer or a list of them, counted in the one list of layers that these models have. */
    private static Set<Integer> layers(Path file, JsonNode json) {
        Set<String> lists = texts(json.path("layers_pattern"));
        if (!Set.of("layers", "h").containsAll(lists)) {
            throw new InvalidCheckpoint(
                    file + ": layers_pattern = " + lists + " is not supported; supported: layers, h");
        }
        JsonNode layers = json.path("layers_to_transform");
        Set<Integer> numbers = new TreeSet<>();
        if (layers.isInt()) {
            numbers.add(layers.intValue());
        }
        layers.forEach(layer -> numbers.add(layer.asInt(-1)));
        return numbers;
    }

    /** One name or a list of them. */
    private static Set<String> texts(JsonNode names) {
        Set<String> texts = new TreeSet<>();
        if (names.isTextual()) {
            texts.add(names.asText());
        }
        names.forEach(name -> texts.add(name.asText()));
        return texts;
    }

    private static Set<String> targets(Path file, JsonNode targets, ModelConfig model) {
        if (targets.asText().equals("all-linear")) {
            return LoraConfig.allLinears(model);
        }
        if (!targets.isArray()) {
            throw new InvalidCheckpoint(
                    file + ": target_modules must be a list of layer names or \"all-linear\", found " + targets);
        }
        return texts(targets);
    }

    static void save(Adapter adapter, Path directory, String baseModel) throws IOException {
        Files.createDirectories(directory);
        List<Parameter> parameters = adapter.parameters().parameters();
        List<TensorInfo> infos = new ArrayList<>();
        for (Parameter parameter : parameters) {
            infos.add(new TensorInfo(PREFIX + parameter.name(), DType.F32, parameter.shape()));
        }
        try (var writer = new SafetensorsWriter(directory.resolve(WEIGHTS), infos, Map.of("format", "pt"))) {
            for (int i = 0; i < parameters.size(); i++) {
                NDArray values = adapter.parameters().views().get(i);
                writer.write(infos.get(i).name(), adapter.model().tensors().toBytes(values, DType.F32));
            }
            writer.finish();
        }
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve(CONFIG).toFile(), config(adapter, baseModel));
    }

    private static ObjectNode config(Adapter adapter, String baseModel) {
        LoraConfig config = adapter.config();
        ObjectNode json = JSON.createObjectNode();
        json.put("base_model_name_or_path", baseModel);
        json.put("bias", "none");
        // Whether the base model's matrices are stored [in, out].
        Storage storage = adapter.model().config().switches().storage();
        json.put("fan_in_fan_out", storage == Storage.GPT2);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        json.set("lora_alpha", alpha(config.alpha()));
        json.put("lora_dropout", config.dropout());
        putList(json, "layers_to_transform", config.layers());
        putList(json, "modules_to_save", config.modulesToSave());
        json.put("peft_type", "LORA");
        json.put("r", config.rank());
        json.set("rank_pattern", JSON.valueToTree(config.ranks().values()));
        ObjectNode alphas = json.putObject("alpha_pattern");
        config.alphas().values().forEach((key, value) -> alphas.set(key, alpha(value)));
        var targets = json.putArray("target_modules");
        new TreeSet<>(config.targetModules()).forEach(targets::add);
        json.put("task_type", "CAUSAL_LM");
        json.put("use_dora", false);
        json.put("use_rslora", config.rankStabilized());
        return json;
    }

    /** PEFT declares an integer. */
    private static JsonNode alpha(double alpha) {
        return alpha == Math.rint(alpha) ? JSON.valueToTree((long) alpha) : JSON.valueToTree(alpha);
    }

    private static void putList(ObjectNode json, String field, Set<?> values) {
        if (values.isEmpty()) {
            json.putNull(field);
        } else {
            json.set(field, JSON.valueToTree(new TreeSet<>(values)));
        }
    }
}
