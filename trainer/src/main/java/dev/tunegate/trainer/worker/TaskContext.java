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

    Finish finish(Outcome outcome) {
        return Finish.of(task.attempt(), outcome);
    }
}
