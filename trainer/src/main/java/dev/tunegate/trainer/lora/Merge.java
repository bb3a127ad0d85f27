package dev.tunegate.trainer.lora;

import ai.djl.ndarray.NDArray;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.model.WeightFiles;
import dev.tunegate.trainer.torch.PieceReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes an adapter part of its model: W + (alpha / r) B A for every adapted layer (Hu et al. 2021, section 4.1). */
public final class Merge {

    private Merge() {}

    /**
     * Writes a Hugging Face directory that computes what the model with the adapter computes. The sum is taken in float32 from
     * the weights in the files, not from those in memory, which may be rounded; one array at a time is in memory.
     *
     * @param base the directory that the adapter's model was loaded from
     * @param target another directory than {@code base}
     * @param stored the type the weights are written in
     */
    public static void write(Adapter adapter, Path base, Path target, DType stored) throws IOException {
        Files.createDirectories(target);
        if (Files.isSameFile(base, target)) {
            throw new IllegalArgumentException(target + " is the base model's own directory; merge into another");
        }
        ModelDirectory.copyDescription(base, target, stored);
        var model = adapter.model();
        try (ModelDirectory files = ModelDirectory.open(base);
                var manager = model.newSubManager()) {
            PieceReader reader = new PieceReader(model.tensors());
            WeightFiles.write(
                    target.resolve("model.safetensors"),
                    model.tensors(),
                    model.layout(),
                    manager,
                    (weight, scope) -> {
                        NDArray array = WeightFiles.read(files, model.tensors(), reader, scope, weight, DType.F32);
                        return adapter.merged(weight, array);
                    },
                    stored);
        }
    }
}
