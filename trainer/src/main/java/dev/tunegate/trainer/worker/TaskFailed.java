package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.TaskError;
import java.util.List;

/** A task cannot succeed, for a reason that belongs in the job's {@code error}. */
final class TaskFailed extends Exception {
    private static final List<TrainingMethod> TRAINABLE = List.of(TrainingMethod.SUPERVISED, TrainingMethod.DPO);

    private final transient TaskError error;

    TaskFailed(TaskError error) {
        super(error.message());
        this.error = error;
    }

    TaskError error() {
        return error;
    }

    /** The job's method, if this worker can train with it. */
    static TrainingMethod methodOf(JobSpec job) throws TaskFailed {
        return TRAINABLE.stream()
                .filter(method -> method.apiName().equals(job.method()))
                .findFirst()
                .orElseThrow(() -> new TaskFailed(new TaskError(
                        "unsupported_method",
                        "This worker trains with the methods supervised and dpo, not with %s.".formatted(job.method()),
                        null)));
    }
}
