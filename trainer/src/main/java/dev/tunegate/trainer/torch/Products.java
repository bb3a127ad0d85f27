package dev.tunegate.trainer.torch;

import dev.tunegate.trainer.checkpoint.DType;

/**
 * Tells by which of libtorch's libraries matrices are multiplied where no gradients are recorded: the source, for {@link
 * OpPack#load}, of {@code (self).product(x, w, bias)}, which is x [T, in] times w [out, in] transposed, plus the bias
 * [out] or None.
 */
public final class Products {
    /** The library is whichever libtorch takes. */
    public static final String OF_LIBTORCH = "/dev/tunegate/trainer/torch/product.py";

    private static final String OF_ONEDNN = "/dev/tunegate/trainer/torch/product_onednn.py";

    private Products() {}

    /** The fastest for arrays of a type on the device in use. */
    public static String fastest(DType type) {
        return !Torch.device().isCuda() && type == DType.F32 ? inFloat32(Processor.here()) : OF_LIBTORCH;
    }

    /**
     * libtorch leaves float32 to MKL, which takes up to twice as long as oneDNN on AMD's processors (trainer/README.md,
     * "What brought what"). Not every libtorch has oneDNN, and where it has not the operator's name alone is an error: hence
     * two sources, and oneDNN's only where it is known to be there.
     */
    static String inFloat32(Processor processor) {
        return processor.isAmd() ? OF_ONEDNN : OF_LIBTORCH;
    }
}
