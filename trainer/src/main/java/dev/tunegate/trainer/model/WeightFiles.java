package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Moves weights between a checkpoint's tensors and the model's arrays, which may hold several of them. */
public final class WeightFiles {

    /** Converted at a time, so that a large embedding is not in memory twice. */
    private static final long CHUNK_BYTES = 64L << 20;

    private WeightFiles() {}

    /** Reads one array of the model. */
    public static NDArray read(
            ModelDirectory directory, Tensors tensors, NDManager scope, WeightLayout.Weight weight, DType wanted)
            throws IOException {
        try (NDManager temporary = scope.newSubManager()) {
            List<NDArray> chunks = new ArrayList<>();
            for (WeightLayout.Part part : weight.parts()) {
                List<NDArray> rows = readPart(directory, tensors, temporary, weight, part, wanted);
                if (weight.transposed()) {
                    chunks.add(tensors.transpose(temporary, joined(tensors, temporary, rows)));
                } else {
                    chunks.addAll(rows);
                }
            }
            NDArray whole = joined(tensors, temporary, chunks);
            whole.attach(scope);
            return whole;
        }
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

    private static NDArray joined(Tensors tensors, NDManager scope, List<NDArray> chunks) {
        return chunks.size() == 1 ? chunks.get(0) : tensors.concatenate(scope, chunks);
    }

    private static List<NDArray> readPart(
            ModelDirectory directory,
            Tensors tensors,
            NDManager scope,
            WeightLayout.Weight weight,
            WeightLayout.Part part,
            DType wanted)
            throws IOException {
        TensorInfo info = check(directory, weight, part);
        String tensor = info.name();
        Safetensors file = directory.fileOf(tensor);
        List<NDArray> chunks = new ArrayList<>();
        long outermost = info.shape().get(0);
        long rowsAtOnce = Math.max(1, CHUNK_BYTES / Math.max(1, info.bytes() / outermost));
        for (long first = 0; first < outermost; first += rowsAtOnce) {
            long rows = Math.min(rowsAtOnce, outermost - first);
            long[] sizes = weight.columns() == 0
                    ? new long[] {rows}
                    : new long[] {rows, info.shape().get(1)};
            ByteBuffer bytes = file.readRows(tensor, first, rows);
            NDArray chunk = tensors.fromBytes(scope, bytes, info.dtype(), wanted, sizes);
            if (!tensors.isFinite(chunk)) {
                throw new InvalidCheckpoint(
                        file.file() + ": tensor " + tensor + " has values that are infinite or not a number");
            }
            chunks.add(chunk);
        }
        return chunks;
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
