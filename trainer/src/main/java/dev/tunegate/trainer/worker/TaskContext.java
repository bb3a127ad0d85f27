package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.nio.file.Path;

/** What the work on one task has at hand. */
record TaskContext(GatewayClient gateway, Retry retry, Task task, TaskReporter reporter, WorkDirectory dir) {

    JobSpec job() {
        return task.job();
    }

    /** Uploads a file, however long the gateway is away; returns its blob's id. */
    String upload(Path file) throws GatewayException, InterruptedException {
        return retry.untilAvailable(() -> gateway.uploadBlob(task, file)).blobId();
    }

    /** Copies one of the job's blobs to a file in the task's directory, however long the gateway is away. */
    Path download(String blobId, String filename) throws GatewayException, InterruptedException {
        Path file = dir.resolve(filename);
        return retry.untilAvailable(() -> {
            gateway.downloadBlob(task, blobId, file);
            return file;
        });
    }

    Finish finish(Outcome outcome) {
        return Finish.of(task.attempt(), outcome);
    }
}
