package dev.tunegate.trainer.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Products;
import dev.tunegate.trainer.torch.Tensors;
import dev.tunegate.trainer.torch.Torch;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How fast one large matrix product is here: what the rest of a training step is measured against. */
final class GemmPeak {
    private static final Size ON_CPU = new Size(1024, 2048);

    /** A GPU's product is so large that a kernel's start and the way to the result do not count. */
    private static final Size ON_GPU = new Size(8192, 8192);

    private static final int ROUNDS = 30;

    /** The sizes of the factors, which are {@code [rows, width]} and {@code [width, width]}. */
    record Size(long rows, long width) {}

    private GemmPeak() {}

    /** What the best of several products reaches, in FLOP/s; also by the library that a training would not use. */
    static double measure(ComputeType type) {
        return measure(type, Torch.device().isCuda() ? ON_GPU : ON_CPU);
    }

    static double measure(ComputeType type, Size size) {
        return Stream.of(Products.OF_LIBTORCH, Products.fastest(type.stored()))
                .distinct()
                .mapToDouble(library -> measure(type, size, library))
                .max()
                .orElseThrow();
    }

    private static double measure(ComputeType type, Size size, String library) {
        try (NDManager manager = Torch.newManager();
                Tensors tensors = new Tensors(manager);
                OpPack ops = OpPack.load(manager, GemmPeak.class, List.of("gemm.py", library), Map.of())) {
            NDArray x = tensors.normal(manager, 1, type.stored(), size.rows(), size.width());
            NDArray w = tensors.normal(manager, 1, type.stored(), size.width(), size.width());
            long best = Long.MAX_VALUE;
            for (int i = 0; i < ROUNDS; i++) {
                try (NDManager scope = manager.newSubManager()) {
                    long begin = System.nanoTime();
                    // Reading one number waits for a device that computes on its own.
                    ops.call(scope, "one_of_product", x, w).get(0).getFloat();
                    best = Math.min(best, System.nanoTime() - begin);
                }
            }
            return 2.0 * size.rows() * size.width() * size.width() / best * 1e9;
        }
    }
}
