package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.worker.GatewayException.Refused;
import dev.tunegate.trainer.worker.Protocol.Task;
import dev.tunegate.trainer.worker.Protocol.TaskError;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A job's data files, copied from the gateway under names of our own. */
record JobFiles(Path training, @Nullable Path validation) {

    static JobFiles download(GatewayClient gateway, Retry retry, Task task, WorkDirectory dir)
            throws TaskFailed, GatewayException, InterruptedException {
        Path training = dir.resolve("training.jsonl");
        download(gateway, retry, task, "training", task.job().trainingFile(), training);
        String validationFile = task.job().validationFile();
        if (validationFile == null) {
            return new JobFiles(training, null);
        }
        Path validation = dir.resolve("validation.jsonl");
        download(gateway, retry, task, "validation", validationFile, validation);
        return new JobFiles(training, validation);
    }

    private static void download(GatewayClient gateway, Retry retry, Task task, String role, String fileId, Path target)
            throws TaskFailed, GatewayException, InterruptedException {
        try {
            retry.untilAvailable(() -> {
                gateway.downloadFile(task, fileId, target);
                return target;
            });
        } catch (Refused e) {
            if (e.status() != 404) {
                throw e;
            }
            throw new TaskFailed(new TaskError(
                    "deleted_%s_file".formatted(role),
                    "The job failed because the %s file was deleted".formatted(role),
                    role + "_file"));
        }
    }
}
