package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * What the work on one task has at hand.
 *
 * @param workerStops true when the task is to be left to another worker, where it stands
 */
record TaskContext(
        GatewayClient gateway,
        Retry retry,
        Task task,
        TaskReporter reporter,
        WorkDirectory dir,
        BooleanSupplier workerStops) {

    JobSpec job() {
        return task.job();
    }

    /** What the gateway wants, and the worker with it: one that is about to stop pauses its tasks. */
    Directive directive() {
        boolean stops = workerStops.getAsBoolean();
        Directive directive = reporter.directive();
        return directive == Directive.CONTINUE && stops ? Directive.PAUSE : directive;
    }

    /** Ends work that is of use only to a task that goes on here. */
    void requireWanted() {
        if (directive() != Directive.CONTINUE) {
            throw new Stopped();
        }
    }

    /** Ends work that is of use to a paused job, too: it is what the job will go on from. */
    void requireNotCancelled() {
        if (directive() == Directive.CANCEL) {
            throw new Stopped();
        }
    }

    /** Uploads a file, however long the gateway is away; returns its blob's id. */
    String upload(Path file) throws GatewayException, InterruptedException {
        return retry.untilAvailable(
                        () -> gateway.uploadBlob(task, file, this::requireNotCancelled), this::requireNotCancelled)
                .blobId();
    }

    /** Copies one of the job's blobs to a file in the task's directory, however long the gateway is away. */
    Path download(String blobId, String filename) throws IOException, InterruptedException {
        Path file = dir.resolve(filename);
        return retry.untilAvailable(
                () -> {
                    gateway.downloadBlob(task, blobId, file, this::requireWanted);
                    return file;
                },
                this::requireWanted);
    }

    Finish finish(Outcome outcome) {
        return Finish.of(task.attempt(), outcome);
    }
}
