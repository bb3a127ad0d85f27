package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
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

/** Moves flat float32 arrays of any size, {@code [elements]}, to safetensors files and back, a piece at a time. */
final class FlatArrayFiles {
    /** So many elements are written or read at a time, so that a large array is not in memory twice. */
    private static final long CHUNK = 1L << 24;

    private FlatArrayFiles() {}

    static void save(Path file, Map<String, NDArray> arrays, Map<String, String> metadata, Tensors tensors)
            throws IOException {
        List<TensorInfo> infos = new ArrayList<>();
        arrays.forEach((name, array) -> infos.add(new TensorInfo(name, DType.F32, List.of(array.size()))));
        try (var writer = new SafetensorsWriter(file, infos, metadata)) {
            for (var array : arrays.entrySet()) {
                write(writer, array.getKey(), array.getValue(), tensors);
            }
            writer.finish();
        }
    }

    /** Overwrites the arrays and returns the file's metadata. */
    static Map<String, String> load(Path file, Map<String, NDArray> arrays, Tensors tensors) throws IOException {
        try (Safetensors saved = Safetensors.open(file)) {
            PieceReader reader = new PieceReader(tensors);
            for (var array : arrays.entrySet()) {
                checkShape(saved.info(array.getKey()), array.getValue());
                reader.read(saved, array.getKey(), array.getValue(), 0);
            }
            return saved.metadata();
        }
    }

    private static void write(SafetensorsWriter writer, String name, NDArray array, Tensors tensors)
            throws IOException {
        for (long from = 0; from < array.size(); from += CHUNK) {
            try (NDManager scope = array.getManager().newSubManager()) {
                long count = Math.min(CHUNK, array.size() - from);
                writer.write(name, tensors.toBytes(tensors.slice(scope, array, from, count), DType.F32));
            }
        }
    }

    private static void checkShape(TensorInfo info, NDArray array) {
        if (!info.shape().equals(List.of(array.size())) || info.dtype() != DType.F32) {
            throw new InvalidCheckpoint("saved state %s is %s %s; this training needs F32 [%d]"
                    .formatted(info.name(), info.dtype(), info.shape(), array.size()));
        }
    }
}
