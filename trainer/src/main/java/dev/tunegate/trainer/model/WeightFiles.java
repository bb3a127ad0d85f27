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
import java.util.Set;
import java.util.function.Function;

/** Moves weights between a checkpoint's tensors and the model's arrays, which may hold several of them. */
final class WeightFiles {

    /** Converted at a time, so that a large embedding is not in memory twice. */
    private static final long CHUNK_BYTES = 64L << 20;

    private static final Set<DType> FLOATING = Set.of(DType.F32, DType.F16, DType.BF16);

    private WeightFiles() {}

    /** Reads one array of the model. */
    static NDArray read(
            ModelDirectory directory, Tensors tensors, NDManager scope, WeightLayout.Weight weight, DType wanted)
            throws IOException {
        try (NDManager temporary = scope.newSubManager()) {
            List<NDArray> chunks = new ArrayList<>();
            for (WeightLayout.Part part : weight.parts()) {
                chunks.addAll(readPart(directory, tensors, temporary, weight, part, wanted));
            }
            if (chunks.size() == 1) {
                NDArray only = chunks.get(0);
                only.attach(scope);
                return only;
            }
            return tensors.concatenate(scope, chunks);
        }
    }

    private static List<NDArray> readPart(
            ModelDirectory directory,
            Tensors tensors,
            NDManager scope,
            WeightLayout.Weight weight,
            WeightLayout.Part part,
            DType wanted)
            throws IOException {
        Safetensors file = directory.fileOf(part.tensor());
        TensorInfo info = file.info(part.tensor());
        List<Long> shape = weight.columns() == 0 ? List.of(part.rows()) : List.of(part.rows(), weight.columns());
        if (!info.shape().equals(shape)) {
            throw new InvalidCheckpoint(
                    "tensor " + part.tensor() + " has shape " + info.shape() + "; config.json asks for " + shape);
        }
        if (!FLOATING.contains(info.dtype())) {
            throw new InvalidCheckpoint(
                    "tensor " + part.tensor() + " is stored as " + info.dtype() + "; weights must be F32, F16 or BF16");
        }
        List<NDArray> chunks = new ArrayList<>();
        long rowsAtOnce = Math.max(1, CHUNK_BYTES / Math.max(1, info.bytes() / part.rows()));
        for (long first = 0; first < part.rows(); first += rowsAtOnce) {
            long rows = Math.min(rowsAtOnce, part.rows() - first);
            long[] sizes = weight.columns() == 0 ? new long[] {rows} : new long[] {rows, weight.columns()};
            ByteBuffer bytes = file.readRows(part.tensor(), first, rows);
            chunks.add(tensors.fromBytes(scope, bytes, info.dtype(), wanted, sizes));
        }
        return chunks;
    }

    /** Writes all arrays of the model as the checkpoint's tensors. */
    static void write(
            Path file,
            Tensors tensors,
            WeightLayout layout,
            Function<WeightLayout.Weight, NDArray> arrays,
            DType stored)
            throws IOException {
        List<TensorInfo> infos = new ArrayList<>();
        for (WeightLayout.Weight weight : layout.weights()) {
            for (WeightLayout.Part part : weight.parts()) {
                infos.add(new TensorInfo(
                        part.tensor(),
                        stored,
                        weight.columns() == 0 ? List.of(part.rows()) : List.of(part.rows(), weight.columns())));
            }
        }
        try (var writer = new SafetensorsWriter(file, infos, Map.of("format", "pt"))) {
            for (WeightLayout.Weight weight : layout.weights()) {
                write(writer, tensors, weight, arrays.apply(weight), stored);
            }
            writer.finish();
        }
    }

    private static void write(
            SafetensorsWriter writer, Tensors tensors, WeightLayout.Weight weight, NDArray array, DType stored)
            throws IOException {
        long atOnce = CHUNK_BYTES / Float.BYTES;
        long first = 0;
        for (WeightLayout.Part part : weight.parts()) {
            long end = first + part.rows() * Math.max(1, weight.columns());
            while (first < end) {
                try (NDManager scope = array.getManager().newSubManager();
                        NDArray flat = array.reshape(-1)) {
                    long count = Math.min(atOnce, end - first);
                    writer.write(part.tensor(), tensors.toBytes(tensors.slice(scope, flat, first, count), stored));
                    first += count;
                }
            }
        }
    }
}
