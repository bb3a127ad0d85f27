package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.jobs.CheckpointStore;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.tasks.Task;
import dev.tunegate.gateway.tasks.TaskKind;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the gateway says to workers, named as the schemas of openapi.yaml. */
final class Protocol {
    private Protocol() {}

    /** A claimed task. */
    record ClaimedTask(
            TaskKind kind,
            String jobId,
            int attempt,
            int leaseSeconds,
            JobSpec job,
            @Nullable Resume resume,
            List<CommittedCheckpoint> checkpoints) {

        static ClaimedTask of(Task task, Job job, List<CommittedCheckpoint> checkpoints) {
            Integer step = job.resumeStep();
            String blob = job.resumeBlob();
            return new ClaimedTask(
                    task.kind(),
                    job.id(),
                    task.attempt(),
                    task.leaseSeconds(),
                    new JobSpec(
                            job.baseModel(),
                            job.startAdapter(),
                            job.request().method(),
                            job.request().hyperparameters(),
                            job.request().seed(),
                            job.request().trainingFile(),
                            job.request().validationFile(),
                            CheckpointStore.KEPT),
                    step == null || blob == null ? null : new Resume(step, blob),
                    checkpoints);
        }
    }

    /** What is to be trained; of the base model, or going on from an adapter of it. */
    record JobSpec(
            String model,
            @Nullable String startAdapter,
            String method,
            JsonNode hyperparameters,
            int seed,
            String trainingFile,
            @Nullable String validationFile,
            int nCheckpoints) {}

    /** A checkpoint of an earlier attempt. */
    record CommittedCheckpoint(int step, String adapterBlob) {}

    /** The last resume state. */
    record Resume(int step, String blobId) {}

    /** What the answer to a worker's write tells it to do. */
    enum Directive {
        CONTINUE,
        CANCEL,
        PAUSE;

        @JsonValue
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The answer to a worker's write.
     *
     * @param leaseSeconds how long the lease lasts from now, 0 where the attempt has none any more
     */
    record Acknowledgement(Directive directive, int leaseSeconds) {
        static Acknowledgement renewed(Directive directive, Task task) {
            return new Acknowledgement(directive, task.leaseSeconds());
        }

        static Acknowledgement withoutLease(Directive directive) {
            return new Acknowledgement(directive, 0);
        }
    }

    /** An uploaded blob. */
    record BlobObject(String blobId, long bytes, String sha256) {}

    /** A fine-tuned model or checkpoint and its base model. */
    record FineTunedModel(String id, String baseModel) {}
}
