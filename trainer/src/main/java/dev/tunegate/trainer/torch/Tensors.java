package dev.tunegate.trainer.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tunegate.trainer.checkpoint.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Arrays from and to bytes, in types DJL cannot handle: creating or converting a bfloat16 array through its own interface
 * aborts the JVM, so such arrays are made, converted and read only by the methods here and otherwise passed along opaque.
 */
public final class Tensors implements AutoCloseable {

    private final OpPack ops;

    /** The conversions, loaded into {@code manager}. */
    public Tensors(NDManager manager) {
        ops = OpPack.load(manager, Tensors.class, "tensors.py", Map.of());
    }

    /** An array on the device, converted from the little-endian bytes of F32, F16 or BF16 elements. */
    public NDArray fromBytes(NDManager scope, ByteBuffer bytes, DType stored, DType wanted, long... shape) {
        try (NDManager temporary = scope.newSubManager()) {
            NDArray raw = switch (stored) {
                case F32 -> temporary.create(bytes, new Shape(shape), DataType.FLOAT32);
                case F16 -> temporary.create(bytes, new Shape(shape), DataType.FLOAT16);
                case BF16 -> temporary.create(widened(temporary, bytes), new Shape(shape), DataType.FLOAT32);
                default -> throw new IllegalArgumentException(stored + " is not a type of weights");
            };
            return convert(scope, raw, wanted);
        }
    }

    /** The elements as little-endian bytes of F32, F16 or BF16. */
    public ByteBuffer toBytes(NDArray array, DType wanted) {
        try (NDManager temporary = array.getManager().newSubManager()) {
            // libtorch rounds to bfloat16; DJL can read the result only as the float32 of the same value.
            NDArray rounded = convert(temporary, array, wanted);
            NDArray readable = wanted == DType.BF16 ? convert(temporary, rounded, DType.F32) : rounded;
            ByteBuffer bytes = readable.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            return wanted == DType.BF16 ? narrowed(bytes) : bytes;
        }
    }

    /** The elements on the device in another type, in memory of their own. */
    public NDArray convert(NDManager scope, NDArray array, DType wanted) {
        try (NDArray number = scope.create(number(wanted));
                NDArray unnamed = unnamed(array)) {
            return ops.call(scope, "convert", unnamed, number).get(0);
        }
    }

    private static ByteBuffer widened(NDManager scope, ByteBuffer halves) {
        int bytes = halves.remaining();
        ByteBuffer floats = scope.allocateDirect(2 * bytes).position(bytes).put(halves);
        widen(floats.clear());
        return floats;
    }

    /** A bfloat16 is the upper half of the float32 of the same value; they stand in the buffer's second half at first. */
    static void widen(ByteBuffer floats) {
        int count = floats.limit() / Float.BYTES;
        for (int i = 0; i < count; i++) {
            floats.putInt(i * Float.BYTES, floats.getShort((count + i) * Short.BYTES) << Short.SIZE);
        }
    }

    private static ByteBuffer narrowed(ByteBuffer floats) {
        int count = floats.remaining() / Float.BYTES;
        ByteBuffer halves = ByteBuffer.allocate(count * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            halves.putShort((short) (floats.getInt(floats.position() + i * Float.BYTES) >>> Short.SIZE));
        }
        return halves.flip();
    }

    /** Zeros on the device. */
    public NDArray zeros(NDManager scope, DType wanted, long... shape) {
        try (NDManager temporary = scope.newSubManager()) {
            return ops.call(scope, "zeros", temporary.create(shape), temporary.create(number(wanted)))
                    .get(0);
        }
    }

    /** Numbers drawn by libtorch's generator, normally distributed around zero. */
    public NDArray normal(NDManager scope, double deviation, DType wanted, long... shape) {
        try (NDManager temporary = scope.newSubManager()) {
            NDArray sizes = temporary.create(shape);
            return ops.call(scope, "normal", sizes, temporary.create(deviation), temporary.create(number(wanted)))
                    .get(0);
        }
    }

    /** The matrix with rows and columns exchanged, in memory of its own. */
    public NDArray transpose(NDManager scope, NDArray matrix) {
        try (NDArray unnamed = unnamed(matrix)) {
            return ops.call(scope, "transpose", unnamed).get(0);
        }
    }

    /** Adds {@code scaling B A} to the rows of {@code matrix} from {@code firstRow} on. */
    public void addProduct(NDArray matrix, long firstRow, NDArray b, NDArray a, double scaling) {
        try (NDManager scope = matrix.getManager().newSubManager();
                NDArray left = unnamed(b);
                NDArray right = unnamed(a)) {
            NDArray factor = scope.create((float) scaling);
            ops.call(scope, "add_product", matrix, scope.create(firstRow), left, right, factor);
        }
    }

    /** Whether no element is infinite or not a number. */
    public boolean isFinite(NDArray array) {
        try (NDArray result = ops.call(array.getManager(), "is_finite", array).get(0)) {
            return result.getBoolean();
        }
    }

    /** Makes every element zero. */
    void clear(NDArray array) {
        try (NDArray unnamed = unnamed(array)) {
            ops.call(array.getManager(), "clear", unnamed).close();
        }
    }

    /** Copies the elements of {@code source} into {@code target}, which has as many. */
    public void copy(NDArray target, NDArray source) {
        try (NDArray to = unnamed(target);
                NDArray from = unnamed(source)) {
            ops.call(target.getManager(), "copy", to, from).close();
        }
    }

    /** The same memory as a plain argument: a name would make the array an entry of a list or a dictionary. */
    private static NDArray unnamed(NDArray array) {
        return array.reshape(array.getShape());
    }

    /** A view of {@code shape} that begins at element {@code first} of a flat array. */
    public NDArray slice(NDManager scope, NDArray flat, long first, long... shape) {
        try (NDManager temporary = scope.newSubManager()) {
            return ops.call(scope, "slice", flat, temporary.create(first), temporary.create(shape))
                    .get(0);
        }
    }

    /** Views of a flat array, one behind the other with the shapes of {@code like}, through which gradients flow. */
    List<NDArray> trackedViews(NDManager scope, NDArray flat, List<NDArray> like) {
        NDList arguments = new NDList(flat);
        arguments.addAll(like);
        return new ArrayList<>(ops.callWithGradients(scope, "views", arguments));
    }

    /** A zero that can be differentiated: its gradient is a zero for each element of the array. */
    NDArray sumOfNone(NDManager scope, NDArray flat) {
        return ops.callWithGradients(scope, "sum_of_none", new NDList(flat)).get(0);
    }

    @Override
    public void close() {
        ops.close();
    }

    /** The number by which libtorch knows a type (c10/core/ScalarType.h). */
    private static long number(DType type) {
        return switch (type) {
            case F16 -> 5;
            case F32 -> 6;
            case BF16 -> 15;
            default -> throw new IllegalArgumentException(type + " is not a type of weights");
        };
    }
}
