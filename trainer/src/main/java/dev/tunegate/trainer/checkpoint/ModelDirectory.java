package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model in Hugging Face's layout: {@code config.json} and its weights in one safetensors file or in several with an index. */
public final class ModelDirectory implements AutoCloseable {

    private static final String CONFIG = "config.json";
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final int MOST_FILES = 1024;

    /** What goes along when a model is saved elsewhere: never code, never weights. */
    private static final List<String> DESCRIPTIONS = List.of(
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja",
            "vocab.json",
            "merges.txt");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final ModelConfig config;
    private final List<Safetensors> files = new ArrayList<>();
    private final Map<String, Safetensors> fileOf = new HashMap<>();

    private ModelDirectory(Path directory, ModelConfig config) {
        this.directory = directory;
        this.config = config;
    }

    /** Opens a directory's weights and reads its configuration. */
    public static ModelDirectory open(Path directory) throws IOException {
        if (!Files.isRegularFile(directory.resolve(CONFIG))) {
            throw new InvalidCheckpoint(directory + " is not a model directory: it has no " + CONFIG);
        }
        var model = new ModelDirectory(directory, ModelConfig.read(directory.resolve(CONFIG)));
        try {
            Map<String, String> index = model.index();
            Set<String> names = index.isEmpty() ? Set.of(SINGLE) : new LinkedHashSet<>(index.values());
            if (names.size() > MOST_FILES) {
                throw new InvalidCheckpoint(directory.resolve(INDEX) + " names " + names.size() + " files; at most "
                        + MOST_FILES + " are opened");
            }
            for (String name : names) {
                model.addFile(Safetensors.open(directory.resolve(name)));
            }
            for (var entry : index.entrySet()) {
                model.requireTensor(entry.getKey(), entry.getValue());
            }
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
        return model;
    }

    /** What {@code config.json} says. */
    public ModelConfig config() {
        return config;
    }

    /** The names of all tensors. */
    public Set<String> tensors() {
        return Set.copyOf(fileOf.keySet());
    }

    /** The file that holds a tensor; an error that names the directory if none does. */
    public Safetensors fileOf(String tensor) {
        Safetensors file = fileOf.get(tensor);
        if (file == null) {
            throw new InvalidCheckpoint(directory + " has no tensor " + tensor);
        }
        return file;
    }

    /**
     * What a tensor is called here: a model that was saved without its head lacks the first part of the names, as the first
     * published GPT-2 files do.
     */
    public String nameOf(String tensor) {
        String bare = tensor.substring(tensor.indexOf('.') + 1);
        return !has(tensor) && has(bare) ? bare : tensor;
    }

    /** Whether a tensor of that name is there. */
    public boolean has(String tensor) {
        return fileOf.containsKey(tensor);
    }

    /** Copies everything but the weights, the configuration saying that weights are stored as {@code stored}. */
    public static void copyDescription(Path from, Path to, DType stored) throws IOException {
        Files.createDirectories(to);
        ObjectNode config = (ObjectNode) JSON.readTree(from.resolve(CONFIG).toFile());
        String dtype = switch (stored) {
            case F32 -> "float32";
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            case F64, I64, I32, I16, I8, U8, BOOL ->
                throw new IllegalArgumentException("weights are not stored as " + stored);
        };
        config.put(config.has("dtype") ? "dtype" : "torch_dtype", dtype);
        JSON.writerWithDefaultPrettyPrinter().writeValue(to.resolve(CONFIG).toFile(), config);
        for (String name : DESCRIPTIONS) {
            if (Files.isRegularFile(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Safetensors file : files) {
            file.close();
        }
    }

    private void addFile(Safetensors file) {
        files.add(file);
        for (String name : file.tensors().keySet()) {
            Safetensors other = fileOf.put(name, file);
            if (other != null) {
                throw new InvalidCheckpoint("tensor " + name + " is in " + other.file() + " and in " + file.file()
                        + "; it must be in one of them");
            }
        }
    }

    private void requireTensor(String tensor, String file) {
        Safetensors found = fileOf.get(tensor);
        if (found == null || !found.file().equals(directory.resolve(file))) {
            throw new InvalidCheckpoint(directory.resolve(INDEX) + " says that " + file + " has the tensor " + tensor
                    + ", but it does not");
        }
    }

    /** The file of each tensor; empty if there is one file without an index. */
    private Map<String, String> index() throws IOException {
        Path index = directory.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            if (!Files.isRegularFile(directory.resolve(SINGLE))) {
                throw new InvalidCheckpoint(directory + " has neither " + SINGLE + " nor " + INDEX
                        + "; weights in other formats (.bin, .pt) are not read");
            }
            return Map.of();
        }
        JsonNode weightMap = JsonFile.read(index).path("weight_map");
        Map<String, String> fileNames = new LinkedHashMap<>();
        for (var entry : weightMap.properties()) {
            String name = entry.getValue().asText();
            // A name is a file in this directory, never a path that leads elsewhere.
            if (!name.matches("[A-Za-z0-9._-]+\\.safetensors") || !Files.isRegularFile(directory.resolve(name))) {
                throw new InvalidCheckpoint(index + " names '" + name + "', which is not a safetensors file beside it");
            }
            fileNames.put(entry.getKey(), name);
        }
        if (fileNames.isEmpty()) {
            throw new InvalidCheckpoint(index + " has no weight_map");
        }
        return fileNames;
    }
}
