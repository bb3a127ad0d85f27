package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.TaskError;

/** A task cannot succeed, for a reason that belongs in the job's {@code error}. */
final class TaskFailed extends Exception {
    private final transient TaskError error;

    TaskFailed(TaskError error) {
        super(error.message());
        this.error = error;
    }

    TaskError error() {
        return error;
    }

    static void unlessSupervised(JobSpec job) throws TaskFailed {
        if (!job.method().equals("supervised")) {
            throw new TaskFailed(new TaskError(
                    "unsupported_method",
                    "This worker trains with the method supervised, not with %s.".formatted(job.method()),
                    null));
        }
    }
}
