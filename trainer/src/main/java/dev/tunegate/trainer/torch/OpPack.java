package dev.tunegate.trainer.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A TorchScript module whose source is a resource of ours: the way to the libtorch operators that DJL's NDArray lacks, and
 * to several of them in one call.
 *
 * <p>How arrays reach a method is decided by their names: unnamed arrays are one {@code Tensor} argument each, arrays
 * that share a name {@code x[]} together are one {@code List[Tensor]}, arrays named {@code x.key} together are one {@code
 * Dict[str, Tensor]}. Since a shared array may be read by several threads, it gets its name once, where it is made.
 */
public final class OpPack implements AutoCloseable {

    private final PtSymbolBlock module;
    private final int threads;

    private OpPack(PtSymbolBlock module, int threads) {
        this.module = module;
        this.threads = threads;
    }

    /** The same operators on so many threads at most, for arrays so small that sharing them out takes longer. */
    public OpPack withThreads(int most) {
        return new OpPack(module, most);
    }

    /** Loads the methods in one resource. */
    public static OpPack load(NDManager manager, Class<?> owner, String resource, Map<String, Object> attributes) {
        return load(manager, owner, List.of(resource), attributes);
    }

    /**
     * Loads the methods in resources beside {@code owner} on the class path.
     *
     * @param attributes values of {@code (self).name} in the source: Boolean, Integer or Double; {@code (self).device}, the name
     *     of the device to work on, is always one of them
     */
    public static OpPack load(
            NDManager manager, Class<?> owner, List<String> resources, Map<String, Object> attributes) {
        StringBuilder methods = new StringBuilder();
        try {
            for (String resource : resources) {
                methods.append(read(owner, resource)).append('\n');
            }
            Map<String, Object> all = new HashMap<>(attributes);
            all.put("device", Torch.device().toString());
            byte[] archive = ModuleArchive.write(methods.toString(), all);
            return new OpPack(
                    JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false),
                    Integer.MAX_VALUE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load the operators in " + resources, e);
        }
    }

    private static String read(Class<?> owner, String resource) throws IOException {
        try (InputStream in = owner.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + resource + " beside " + owner.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Calls a method without recording gradients; the results belong to {@code scope}. */
    public NDList call(NDManager scope, String method, NDList arguments) {
        return call(scope, method, arguments, false);
    }

    /** Calls a method without recording gradients; the results belong to {@code scope}. */
    public NDList call(NDManager scope, String method, NDArray... arguments) {
        return call(scope, method, new NDList(arguments), false);
    }

    /** Calls a method, recording what a backward pass needs; the results belong to {@code scope}. */
    public NDList callWithGradients(NDManager scope, String method, NDList arguments) {
        return call(scope, method, arguments, true);
    }

    private NDList call(NDManager scope, String method, NDList arguments, boolean gradients) {
        try (NDArray tag = scope.create(0)) {
            // The array so named is not passed on: it says which method runs and where the results belong.
            tag.setName("module_method:" + method);
            // libtorch keeps both switches per thread and has them on in new threads. Its optimizing executor would
            // spend the first steps on profiling.
            JniUtils.setGraphExecutorOptimize(false);
            JniUtils.setGradMode(gradients);
            Torch.limitThreads(threads);
            // DJL is always in its training mode: in its other one results are inference tensors, useless to a later
            // backward pass.
            return IValueUtils.forward(module, new NDList(tag).addAll(arguments), true);
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    @Override
    public void close() {
        module.close();
    }
}
