package dev.tunegate.trainer.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Tensors;
import dev.tunegate.trainer.torch.Torch;
import java.util.Map;

/** How fast one large matrix product is here: what the rest of a training step is measured against. */
final class GemmPeak {
    private static final long ROWS = 1024;
    private static final long WIDTH = 2048;
    private static final int ROUNDS = 30;

    private GemmPeak() {}

    /** The best of several products of {@code [1024, 2048]} and {@code [2048, 2048]}, in FLOP/s. */
    static double measure(ComputeType type) {
        try (NDManager manager = Torch.newManager();
                Tensors tensors = new Tensors(manager);
                OpPack ops = OpPack.load(manager, GemmPeak.class, "gemm.py", Map.of())) {
            NDArray x = tensors.normal(manager, 1, type.stored(), ROWS, WIDTH);
            NDArray w = tensors.normal(manager, 1, type.stored(), WIDTH, WIDTH);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < ROUNDS; i++) {
                try (NDManager scope = manager.newSubManager()) {
                    long begin = System.nanoTime();
                    // Reading one number waits for a device that computes on its own.
                    ops.call(scope, "product", x, w).get(0).getFloat();
                    best = Math.min(best, System.nanoTime() - begin);
                }
            }
            return 2.0 * ROWS * WIDTH * WIDTH / best * 1e9;
        }
    }
}
