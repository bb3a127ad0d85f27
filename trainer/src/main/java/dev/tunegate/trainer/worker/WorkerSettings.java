package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.model.ComputeType;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is started with.
 *
 * @param workerId unique among the gateway's workers
 * @param modelDirectories where base models are looked for
 * @param computeType what models compute in; null where it follows the model
 * @param device in the protocol's words, such as {@code cpu} or {@code cuda:0}
 * @param memoryBytes how much the device has; loaded models may take half of it
 * @param inferenceAddress where chat requests are answered
 * @param inferenceUrl how the gateway reaches that, null when it is the address itself
 * @param workDir where tasks keep their files while they run
 * @param once whether to stop after one training task
 */
public record WorkerSettings(
        String workerId,
        URI gateway,
        String token,
        List<Path> modelDirectories,
        @Nullable ComputeType computeType,
        String device,
        long memoryBytes,
        InetSocketAddress inferenceAddress,
        @Nullable URI inferenceUrl,
        Path workDir,
        boolean once) {

    /** Leaves out the token, which must not be in a log. */
    @Override
    public String toString() {
        return "WorkerSettings[gateway=%s, models=%s, once=%s]".formatted(gateway, modelDirectories, once);
    }
}
