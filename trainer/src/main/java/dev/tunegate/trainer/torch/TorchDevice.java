package dev.tunegate.trainer.torch;

/**
 * Where arrays lie and operators run, by libtorch's name: {@code cpu} or {@code cuda:N}.
 *
 * @param cuda the number of the CUDA device; {@link #NO_CUDA} is the CPU
 */
public record TorchDevice(int cuda) {
    private static final int NO_CUDA = -1;

    public static final TorchDevice CPU = new TorchDevice(NO_CUDA);

    public boolean isCuda() {
        return cuda != NO_CUDA;
    }

    /** libtorch's name for it, which is also the worker protocol's. */
    @Override
    public String toString() {
        return isCuda() ? "cuda:" + cuda : "cpu";
    }
}
