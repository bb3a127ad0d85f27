package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.torch.PieceReader;
import dev.tunegate.trainer.torch.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Moves weights between a checkpoint's tensors and the model's arrays, which may hold several of them. */
public final class WeightFiles {

    /** So much is written at a time, so that a large embedding is not in memory twice. */
    private static final long CHUNK_BYTES = 64L << 20;

    private WeightFiles() {}

    /** Reads one array of the model, straight into its own memory. */
    public static NDArray read(
            ModelDirectory directory,
            Tensors tensors,
            PieceReader reader,
            NDManager scope,
            WeightLayout.Weight weight,
            DType wanted)
            throws IOException {
        long[] shape = weight.shape().stream().mapToLong(Long::longValue).toArray();
        NDArray array = tensors.zeros(scope, wanted, shape);
        try (NDManager temporary = scope.newSubManager();
                NDArray flat = array.reshape(-1)) {
            long first = 0;
            for (WeightLayout.Part part : weight.parts()) {
                TensorInfo info = check(directory, weight, part);
                Safetensors file = directory.fileOf(info.name());
                if (weight.transposed()) {
                    NDArray stored = tensors.zeros(temporary, wanted, weight.columns() * part.rows());
                    reader.readFinite(file, info.name(), stored, 0);
                    NDArray matrix = tensors.slice(temporary, stored, 0, weight.columns(), part.rows());
                    tensors.copy(
                            tensors.slice(temporary, flat, first, part.rows(), weight.columns()),
                            tensors.transpose(temporary, matrix));
                } else {
                    reader.readFinite(file, info.name(), flat, first);
                }
                first += part.rows() * Math.max(1, weight.columns());
            }
        }
        return array;
    }

    /** Whether every weight is there, of the right shape and type; their values are looked at when they are read. */
    public static void check(ModelDirectory directory, WeightLayout layout) {
        for (WeightLayout.Weight weight : layout.weights()) {
            weight.parts().forEach(part -> check(directory, weight, part));
        }
    }

    private static TensorInfo check(ModelDirectory directory, WeightLayout.Weight weight, WeightLayout.Part part) {
        String tensor = directory.nameOf(part.tensor());
        Safetensors file = directory.fileOf(tensor);
        TensorInfo info = file.info(tensor);
        if (!info.shape().equals(weight.shape(part))) {
            throw new InvalidCheckpoint(file.file() + ": tensor " + tensor + " has shape " + info.shape()
                    + "; config.json asks for " + weight.shape(part));
        }
        if (!info.dtype().isWeight()) {
            throw new InvalidCheckpoint(file.file() + ": tensor " + tensor + " is stored as " + info.dtype()
                    + "; weights must be F32, F16 or BF16");
        }
        return info;
    }

    /** Writes all arrays of a model as the checkpoint's tensors, one array after the other. */
    public static void write(
            Path file,
            Tensors tensors,
            WeightLayout layout,
            NDManager manager,
            WeightSource<IOException> source,
            DType stored)
            throws IOException {
        List<TensorInfo> infos = new ArrayList<>();
        for (WeightLayout.Weight weight : layout.weights()) {
            for (WeightLayout.Part part : weight.parts()) {
                infos.add(new TensorInfo(part.tensor(), stored, weight.shape(part)));
            }
        }
        try (var writer = new SafetensorsWriter(file, infos, Map.of("format", "pt"))) {
            for (WeightLayout.Weight weight : layout.weights()) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray array = source.values(weight, scope);
                    // A transposed weight is one part: its tensor is the whole array turned around.
                    NDArray asStored = weight.transposed() ? tensors.transpose(scope, array) : array;
                    write(writer, tensors, weight, asStored, scope, stored);
                }
            }
            writer.finish();
        }
    }

    private static void write(
            SafetensorsWriter writer,
            Tensors tensors,
            WeightLayout.Weight weight,
            NDArray array,
            NDManager manager,
            DType stored)
            throws IOException {
        long atOnce = CHUNK_BYTES / Float.BYTES;
        long first = 0;
        for (WeightLayout.Part part : weight.parts()) {
            long end = first + part.rows() * Math.max(1, weight.columns());
            while (first < end) {
                try (NDManager scope = manager.newSubManager();
                        NDArray flat = array.reshape(-1)) {
                    long count = Math.min(atOnce, end - first);
                    writer.write(part.tensor(), tensors.toBytes(tensors.slice(scope, flat, first, count), stored));
                    first += count;
                }
            }
        }
    }
}
