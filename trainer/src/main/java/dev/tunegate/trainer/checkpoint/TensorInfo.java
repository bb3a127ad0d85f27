package dev.tunegate.trainer.checkpoint;

import java.util.List;

/**
 * One tensor of a safetensors file.
 *
 * @param shape its sizes, outermost first; empty for a scalar
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, long begin, long end) {

    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** A tensor that is going to be written, whose place is not known yet. */
    public TensorInfo(String name, DType dtype, List<Long> shape) {
        this(name, dtype, shape, 0, bytes(name, dtype, shape));
    }

    /** The number of bytes it occupies. */
    public long bytes() {
        return end - begin;
    }

    /** The number of bytes that elements of this type and shape occupy. */
    static long bytes(String name, DType dtype, List<Long> shape) {
        try {
            long bytes = dtype.bytes();
            for (long size : shape) {
                if (size < 0) {
                    throw new InvalidCheckpoint("tensor " + name + ": shape " + shape + " has a negative size");
                }
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new InvalidCheckpoint("tensor " + name + ": shape " + shape + " has more than 2^63 bytes", e);
        }
    }
}
