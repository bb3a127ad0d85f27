package dev.tunegate.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "7, 24, 5", "33, 64, 16", "129, 576, 100"})
    void bothLibrariesGiveTheSame(int tokens, int in, int out) {
        float[] ours = results(onAmd(), tokens, in, out);
        float[] libtorchs = results(Products.OF_LIBTORCH, tokens, in, out);
        assertThat(ours).hasSameSizeAs(libtorchs);
        for (int i = 0; i < ours.length; i++) {
            // Sums of `in` numbers about as large as 1, in another order.
            assertThat(ours[i]).as("element %d", i).isCloseTo(libtorchs[i], within(1e-6f * in));
        }
    }

    private static String onAmd() {
        boolean couldBe = System.getProperty("os.arch").equals("amd64");
        return couldBe ? Products.inFloat32(new Processor("vendor_id : AuthenticAMD")) : Products.fastest(DType.F32);
    }

    /** Products without a bias, with one, of columns of x, and with rows of w: all one behind the other. */
    private static float[] results(String library, int tokens, int in, int out) {
        try (NDManager manager = Torch.newManager();
                Tensors tensors = new Tensors(manager);
                OpPack ops = OpPack.load(manager, ProductsTest.class, List.of("products.py", library), Map.of())) {
            Torch.seed(1);
            NDArray x = tensors.normal(manager, 1, DType.F32, tokens, 2L * in);
            NDArray w = tensors.normal(manager, 1, DType.F32, 2L * out, in);
            NDArray bias = tensors.normal(manager, 1, DType.F32, out);
            return ops.call(manager, "products", x, w, bias).get(0).toFloatArray();
        }
    }
}
