package dev.tunegate.trainer.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.FlatParameters.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** PEFT's adapter directories: {@code adapter_config.json} and {@code adapter_model.safetensors}. */
final class PeftFiles {

    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    /** PEFT wraps the model twice, and the names of its tensors say so. */
    private static final String PREFIX = "base_model.model.";

    /** Fields that change what an adapter computes and that are not known here: they must be absent, null, false or empty. */
    private static final List<String> UNSUPPORTED = List.of(
            "use_dora",
            "use_rslora",
            "lora_bias",
            "rank_pattern",
            "alpha_pattern",
            "modules_to_save",
            "layers_to_transform",
            "layer_replication",
            "trainable_token_indices",
            "target_parameters",
            "exclude_modules",
            "alora_invocation_tokens",
            "use_qalora");

    private static final ObjectMapper JSON = new ObjectMapper();

    private PeftFiles() {}

    static Adapter load(Path directory, LanguageModel model) throws IOException {
        LoraConfig config = readConfig(directory.resolve(CONFIG), model);
        Adapter adapter = new Adapter(model, config);
        try (Safetensors file = Safetensors.open(directory.resolve(WEIGHTS));
                NDManager scope = model.newSubManager()) {
            Set<String> unused = new LinkedHashSet<>(file.tensors().keySet());
            List<Parameter> parameters = adapter.parameters().parameters();
            for (int i = 0; i < parameters.size(); i++) {
                String name = PREFIX + parameters.get(i).name();
                unused.remove(name);
                adapter.parameters().set(i, read(file, model, scope, name, parameters.get(i)));
            }
            if (!unused.isEmpty()) {
                throw new InvalidCheckpoint(directory.resolve(WEIGHTS) + " holds " + unused.size()
                        + " tensors that do not belong to this adapter, such as "
                        + unused.iterator().next());
            }
            return adapter;
        } catch (IOException | RuntimeException e) {
            adapter.close();
            throw e;
        }
    }

    private static NDArray read(
            Safetensors file, LanguageModel model, NDManager scope, String name, Parameter parameter)
            throws IOException {
        TensorInfo info = file.info(name);
        if (!info.shape().equals(parameter.shape())) {
            throw new InvalidCheckpoint("tensor " + name + " has shape " + info.shape() + "; this model and rank need "
                    + parameter.shape());
        }
        long[] shape = parameter.shape().stream().mapToLong(Long::longValue).toArray();
        return model.tensors().fromBytes(scope, file.read(name), info.dtype(), DType.F32, shape);
    }

    private static LoraConfig readConfig(Path file, LanguageModel model) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            throw new InvalidCheckpoint(file + ": not JSON: " + e.getOriginalMessage(), e);
        }
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
        try {
            return new LoraConfig(
                    json.path("r").asInt(8),
                    json.path("lora_alpha").asDouble(8),
                    json.path("lora_dropout").asDouble(0),
                    targets(file, json.path("target_modules"), model));
        } catch (IllegalArgumentException e) {
            throw new InvalidCheckpoint(file + ": " + e.getMessage(), e);
        }
    }

    private static Set<String> targets(Path file, JsonNode targets, LanguageModel model) {
        if (targets.asText().equals("all-linear")) {
            return LoraConfig.allLinears(model.config());
        }
        if (!targets.isArray()) {
            throw new InvalidCheckpoint(
                    file + ": target_modules must be a list of layer names or \"all-linear\", found " + targets);
        }
        Set<String> names = new TreeSet<>();
        targets.forEach(target -> names.add(target.asText()));
        return names;
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
                .writeValue(directory.resolve(CONFIG).toFile(), config(adapter.config(), baseModel));
    }

    private static ObjectNode config(LoraConfig config, String baseModel) {
        ObjectNode json = JSON.createObjectNode();
        json.put("base_model_name_or_path", baseModel);
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("inference_mode", true);
        json.put("init_lora_weights", true);
        if (config.alpha() == Math.rint(config.alpha())) {
            json.put("lora_alpha", (long) config.alpha()); // PEFT declares an integer
        } else {
            json.put("lora_alpha", config.alpha());
        }
        json.put("lora_dropout", config.dropout());
        json.putNull("modules_to_save");
        json.put("peft_type", "LORA");
        json.put("r", config.rank());
        ObjectNode nothing = JSON.createObjectNode();
        json.set("rank_pattern", nothing);
        json.set("alpha_pattern", nothing);
        var targets = json.putArray("target_modules");
        new TreeSet<>(config.targetModules()).forEach(targets::add);
        json.put("task_type", "CAUSAL_LM");
        json.put("use_dora", false);
        json.put("use_rslora", false);
        return json;
    }
}
