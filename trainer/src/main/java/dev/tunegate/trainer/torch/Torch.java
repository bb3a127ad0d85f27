package dev.tunegate.trainer.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Platform;
import ai.djl.util.Utils;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Starts libtorch, and the few things about gradients that DJL has no public interface for. */
public final class Torch {

    private static final String THREADS = "ai.djl.pytorch.num_threads";

    private static volatile TorchDevice device = TorchDevice.CPU;

    /** libtorch, too, keeps this for each thread; 0 where it has not been told yet. */
    private static final ThreadLocal<Integer> LIMIT = ThreadLocal.withInitial(() -> 0);

    /** How many of all threads this one's operators may use while others work beside it. */
    private static final ThreadLocal<Integer> SHARE = ThreadLocal.withInitial(() -> Integer.MAX_VALUE);

    private Torch() {}

    /** libtorch, started when first needed. */
    private static final class Started {
        static final Engine ENGINE = start();
        static final int THREADS = JniUtils.getNumThreads();
    }

    /**
     * A manager for arrays that live long; everything else belongs to a sub-manager that a step or a request closes.
     *
     * <p>What a manager itself creates lies in the host's memory, also where models are on a GPU: numbers that an operator reads
     * are at hand there, and a copy to a GPU by DJL would wait for everything that the GPU still has to do. Op packs bring
     * arrays to {@link #device} and keep their results there.
     */
    public static NDManager newManager() {
        return Started.ENGINE.newBaseManager(Device.cpu());
    }

    /** Sets the one device on which op packs that are loaded from now on work; it is the CPU where nothing is said. */
    public static void useDevice(TorchDevice chosen) {
        device = chosen;
    }

    /** The device on which models lie and operators run. */
    public static TorchDevice device() {
        return device;
    }

    /** Whether that libtorch would be one for CUDA; asked before it is started, which takes time and memory. */
    static boolean isBuiltForCuda() {
        String flavor = Utils.getEnvOrSystemProperty("PYTORCH_FLAVOR");
        if (flavor == null || flavor.isEmpty()) {
            flavor = Platform.detectPlatform("pytorch").getFlavor();
        }
        return flavor.startsWith("cu");
    }

    /** Whether libtorch finds a CUDA device. */
    static boolean hasCuda() {
        return Started.ENGINE.hasCapability(StandardCapabilities.CUDA);
    }

    /** Sets the threads an operator may use; has no effect once libtorch has started. */
    public static void useThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + ", must be at least 1");
        }
        System.setProperty(THREADS, Integer.toString(threads));
    }

    /** The most threads an operator uses. */
    public static int threads() {
        return Started.THREADS;
    }

    /** Does something whose operators use so many threads at most, because others work beside it. */
    public static <T> T withThreads(int most, Supplier<T> work) {
        int before = SHARE.get();
        SHARE.set(most);
        try {
            return work.get();
        } finally {
            SHARE.set(before);
        }
    }

    /** Has the operators that this thread calls use so many threads at most. */
    static void limitThreads(int threads) {
        int limit = Math.min(Math.min(threads, SHARE.get()), Started.THREADS);
        if (LIMIT.get() != limit) {
            JniUtils.setNumThreads(limit);
            LIMIT.set(limit);
        }
    }

    /** Seeds libtorch's generator, which draws the dropout masks. */
    public static void seed(long seed) {
        Started.ENGINE.setRandomSeed(Math.toIntExact(seed & Integer.MAX_VALUE));
    }

    /** Asks for the gradient of {@code array} in later backward passes. */
    public static void trackGradient(NDArray array) {
        JniUtils.attachGradient((PtNDArray) array, true);
    }

    /** The gradient summed up in {@code array} so far, as an array of its manager; null before the first backward pass. */
    public static @Nullable NDArray gradient(NDArray array) {
        return JniUtils.getGradient((PtNDArray) array);
    }

    /** Adds d {@code scalar} / d parameter to the gradient of every parameter that {@code scalar} was computed from. */
    public static void backward(NDArray scalar) {
        try (NDArray one = scalar.onesLike()) { // where the scalar is
            JniUtils.backward((PtNDArray) scalar, (PtNDArray) one, false, false);
        }
    }

    /** Writes a trace of every operator that {@code work} calls, in Chrome's format. */
    public static void profile(Path trace, Runnable work) {
        JniUtils.startProfile(false, true, false);
        try {
            work.run();
        } finally {
            JniUtils.stopProfile(trace.toString());
        }
    }

    private static Engine start() {
        if (System.getProperty(THREADS) == null) {
            useThreads(Runtime.getRuntime().availableProcessors());
        }
        findCudaRuntime();
        // Where libtorch is not yet unpacked, DJL deletes and renames directories, so processes take turns.
        Path cache = Utils.getEngineCacheDir("pytorch");
        try {
            Files.createDirectories(cache);
            try (FileChannel lock = FileChannel.open(
                    cache.resolve("unpacking.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                lock.lock(); // until the channel is closed
                return Engine.getEngine("PyTorch");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "libtorch cannot be unpacked to " + cache
                            + "; set ENGINE_CACHE_DIR to a directory that this user may write to",
                    e);
        }
    }

    /** Shows JNA, by which DJL asks about GPUs, the CUDA runtime of a pip wheel: it lies beside torch/lib. */
    private static void findCudaRuntime() {
        String library = System.getenv("PYTORCH_LIBRARY_PATH");
        if (library != null && System.getProperty("jna.library.path") == null) {
            Path lib = Path.of(library).toAbsolutePath().normalize();
            Path runtime = lib.resolve("../../nvidia/cuda_runtime/lib").normalize();
            System.setProperty("jna.library.path", lib + File.pathSeparator + runtime);
        }
    }
}
