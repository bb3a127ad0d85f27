package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.torch.EngineErrors;
import dev.tunegate.trainer.training.InvalidHyperparameter;
import dev.tunegate.trainer.training.OutOfMemory;
import dev.tunegate.trainer.training.TrainingFailure;
import dev.tunegate.trainer.worker.Protocol.Task;
import dev.tunegate.trainer.worker.Protocol.TaskError;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failed task tells the job's owner: what happened and what to do, never where in the code. */
final class TaskErrors {
    private static final Logger LOG = LoggerFactory.getLogger(TaskErrors.class);

    private TaskErrors() {}

    static TaskError of(Task task, Throwable failure) {
        if (failure instanceof TaskFailed failed) {
            return failed.error();
        }
        if (failure instanceof InvalidDataset invalid) {
            return new TaskError(invalid.code(), invalid.message(), invalid.param());
        }
        if (failure instanceof InvalidHyperparameter invalid) {
            return new TaskError("invalid_hyperparameters", String.valueOf(invalid.getMessage()), null);
        }
        if (failure instanceof TrainingFailure diverged) {
            return new TaskError(diverged.code(), String.valueOf(diverged.getMessage()), null);
        }
        if (failure instanceof BaseModels.UnknownModel unknown) {
            return new TaskError("model_not_available", String.valueOf(unknown.getMessage()), null);
        }
        LOG.error("The {} task of {} failed", task.kind(), task.jobId(), failure);
        if (failure instanceof OutOfMemoryError
                || failure instanceof OutOfMemory
                || EngineErrors.isOutOfMemory(failure)) {
            return new TaskError(
                    "out_of_memory",
                    "The job needs more memory than its worker has. Use a smaller batch_size or context_length, or a"
                            + " smaller model.",
                    null);
        }
        if (failure instanceof InvalidCheckpoint invalid) {
            return new TaskError("model_not_usable", String.valueOf(invalid.getMessage()), null);
        }
        if (failure instanceof GatewayException refused) {
            return new TaskError("gateway_refused", String.valueOf(refused.getMessage()), null);
        }
        if (failure instanceof IOException) {
            return new TaskError(
                    "worker_io_error",
                    "The worker could not read or write a file it needs; its log says which. Check its disk, then create"
                            + " the job again.",
                    null);
        }
        return new TaskError(
                "internal_error",
                "The worker failed unexpectedly; its log says more about job %s.".formatted(task.jobId()),
                null);
    }
}
