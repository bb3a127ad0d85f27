package dev.tunegate.trainer.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * References that transformers and PEFT computed for one small model: its directory, inputs, logits, losses, gradients and
 * training runs. A directory that holds only {@code model/}, the same weights in another form, is compared with the
 * references of the directory it is named after ({@code llama_sharded} with {@code llama}).
 */
record GoldenDirectory(Path path, Path model, Path references, JsonNode json) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static GoldenDirectory open(Path path) throws IOException {
        Path references = path;
        if (!Files.exists(path.resolve("golden.json"))) {
            String name = path.getFileName().toString();
            references = path.resolveSibling(name.substring(0, Math.max(0, name.lastIndexOf('_'))));
        }
        return new GoldenDirectory(
                path,
                path.resolve("model"),
                references,
                JSON.readTree(references.resolve("golden.json").toFile()));
    }

    /** Another kind of adapter on the same model: what its own golden.json does not say is as in this one. */
    GoldenDirectory variant(Path directory) throws IOException {
        ObjectNode both = json.deepCopy();
        both.setAll((ObjectNode) JSON.readTree(directory.resolve("golden.json").toFile()));
        return new GoldenDirectory(directory, model, directory, both);
    }

    boolean hasTensor(String tensor) throws IOException {
        try (Safetensors file = Safetensors.open(references.resolve("tensors.safetensors"))) {
            return file.tensors().containsKey(tensor);
        }
    }

    /** Whether a directory is one of references: others may lie beside them. */
    static boolean isGolden(Path path) {
        return Files.isRegularFile(path.resolve("golden.json"))
                || Files.isRegularFile(path.resolve("model/config.json"));
    }

    String name() {
        return path.getFileName().toString();
    }

    boolean has(String file) {
        return Files.exists(path.resolve(file));
    }

    /** The rows without their padding. */
    List<Example> examples() {
        List<Example> examples = new ArrayList<>();
        for (int row = 0; row < json.path("input_ids").size(); row++) {
            int[] tokens = new int[length(row)];
            boolean[] trained = new boolean[tokens.length];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = json.path("input_ids").path(row).path(i).intValue();
                trained[i] = json.path("labels").path(row).path(i).intValue() != Batch.IGNORED;
            }
            examples.add(new Example(tokens, trained));
        }
        return examples;
    }

    Batch batch() {
        return Batch.of(examples());
    }

    int[] prompt() {
        return Arrays.copyOf(examples().get(0).tokens(), 8);
    }

    /** Reference values of {@code [rows, longest, width]} without the padded positions: {@code [tokens, width]}. */
    float[] packed(String tensor) throws IOException {
        try (Safetensors file = Safetensors.open(references.resolve("tensors.safetensors"))) {
            List<Long> shape = file.info(tensor).shape();
            int longest = shape.get(1).intValue();
            int width = shape.get(2).intValue();
            FloatBuffer all = file.read(tensor).asFloatBuffer();
            FloatBuffer packed = FloatBuffer.allocate(
                    examples().stream().mapToInt(e -> e.tokens().length).sum() * width);
            for (int row = 0; row < shape.get(0); row++) {
                packed.put(all.slice(row * longest * width, length(row) * width));
            }
            return packed.array();
        }
    }

    static float[] floats(Path file, String tensor) throws IOException {
        try (Safetensors open = Safetensors.open(file)) {
            FloatBuffer buffer = open.read(tensor).asFloatBuffer();
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            return values;
        }
    }

    double[] doubles(String section, String field) {
        JsonNode list = json.path(section).path(field);
        double[] values = new double[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.path(i).doubleValue();
        }
        return values;
    }

    int[] ints(String field) {
        JsonNode list = json.path(field);
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.path(i).intValue();
        }
        return values;
    }

    private int length(int row) {
        int length = 0;
        for (JsonNode one : json.path("attention_mask").path(row)) {
            length += one.intValue();
        }
        return length;
    }
}
