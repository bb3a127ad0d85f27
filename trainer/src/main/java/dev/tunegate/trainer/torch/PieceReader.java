package dev.tunegate.trainer.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a file's tensors into arrays, a piece at a time through one buffer. A buffer for each piece, or a mapped file, would
 * stay in memory until the garbage collector comes by, and libtorch's memory does not make it come.
 */
public final class PieceReader {
    /** So many elements are converted at a time. */
    private static final int PIECE = 4 << 20;

    private final Tensors tensors;
    private final Stop stop;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

    /** Reads with these conversions. */
    public PieceReader(Tensors tensors) {
        this(tensors, Stop.NEVER);
    }

    /** Reads with these conversions, as long as it is wanted. */
    public PieceReader(Tensors tensors, Stop stop) {
        this.tensors = tensors;
        this.stop = stop;
    }

    /**
     * Overwrites elements of a flat array with a tensor's, converted to the array's type.
     *
     * @param first the element of {@code target} where the tensor's first one goes
     */
    public void read(Safetensors file, String tensor, NDArray target, long first) throws IOException {
        read(file, tensor, target, first, false);
    }

    /**
     * The same for a model's weights.
     *
     * @throws InvalidCheckpoint when one of them is infinite or not a number
     */
    public void readFinite(Safetensors file, String tensor, NDArray target, long first) throws IOException {
        read(file, tensor, target, first, true);
    }

    private void read(Safetensors file, String tensor, NDArray target, long first, boolean finite) throws IOException {
        TensorInfo info = file.info(tensor);
        int width = info.dtype().bytes();
        long all = info.bytes() / width;
        for (long from = 0; from < all; from += PIECE) {
            stop.check();
            int count = (int) Math.min(PIECE, all - from);
            ByteBuffer piece = read(file, info, from * width, count);
            try (NDManager scope = target.getManager().newSubManager()) {
                DataType type = info.dtype() == DType.F16 ? DataType.FLOAT16 : DataType.FLOAT32;
                NDArray part = tensors.slice(scope, target, first + from, count);
                tensors.copy(part, scope.create(piece, new Shape(count), type));
                if (finite && !tensors.isFinite(part)) {
                    throw new InvalidCheckpoint(
                            file.file() + ": tensor " + tensor + " has values that are infinite or not a number");
                }
            }
        }
    }

    private ByteBuffer read(Safetensors file, TensorInfo info, long firstByte, int count) throws IOException {
        boolean widened = info.dtype() == DType.BF16;
        int bytes = count * (widened ? Float.BYTES : info.dtype().bytes());
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        buffer.clear().limit(bytes);
        if (widened) {
            file.read(info.name(), firstByte, buffer.position(bytes / 2));
            Tensors.widen(buffer);
        } else {
            file.read(info.name(), firstByte, buffer);
        }
        return buffer.rewind();
    }
}
