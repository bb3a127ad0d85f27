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
 * @param modelDirectories where base models are looked for
 * @param modelMemoryBytes about how much the loaded models may take
 * @param inferenceAddress where chat requests are answered
 * @param inferenceUrl how the gateway reaches that, null when it is the address itself
 * @param workDir where tasks keep their files while they run
 * @param once whether to stop after one training task
 */
public record WorkerSettings(
        URI gateway,
        String token,
        List<Path> modelDirectories,
        ComputeType computeType,
        long modelMemoryBytes,
        InetSocketAddress inferenceAddress,
        @Nullable URI inferenceUrl,
        Path workDir,
        boolean once) {

    /** Without the token. */
    @Override
    public String toString() {
        return "WorkerSettings[gateway=%s, models=%s, type=%s, once=%s]"
                .formatted(gateway, modelDirectories, computeType, once);
    }
}
