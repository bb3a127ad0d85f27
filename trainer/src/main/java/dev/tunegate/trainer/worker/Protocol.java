package dev.tunegate.trainer.worker;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.training.StepMetrics;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of /worker/v1, named as the schemas of openapi.yaml; JSON names are their snake case. */
public final class Protocol {
    private Protocol() {}

    /** What a claim asks for. */
    public enum Kind {
        @JsonProperty("train")
        TRAIN,
        @JsonProperty("validate")
        VALIDATE
    }

    /** Asks for a task and says what this worker can do. */
    public record ClaimRequest(
            String workerId,
            Kind kind,
            List<WorkerModel> models,
            String device,
            long memoryBytes,
            @Nullable String inferenceUrl,
            @Nullable String inferenceToken,
            int waitSeconds) {}

    /** A base model on this worker's disk. */
    public record WorkerModel(String id, int contextLength) {}

    /**
     * A claimed task; every later call names its attempt.
     *
     * @param checkpoints those of earlier attempts that clients see, null for none
     */
    public record Task(
            Kind kind,
            String jobId,
            int attempt,
            int leaseSeconds,
            JobSpec job,
            @Nullable ResumePoint resume,
            @Nullable List<CommittedCheckpoint> checkpoints) {}

    /** A checkpoint that is recorded at the gateway. */
    public record CommittedCheckpoint(int step, String adapterBlob) {}

    /** The last resume state of an earlier attempt. */
    public record ResumePoint(int step, String blobId) {}

    /**
     * What is to be trained.
     *
     * @param model the base model
     * @param startAdapter the blob of the adapter that training continues from, null for a fresh one
     */
    public record JobSpec(
            String model,
            @Nullable String startAdapter,
            String method,
            JsonNode hyperparameters,
            long seed,
            String trainingFile,
            @Nullable String validationFile,
            int nCheckpoints) {}

    /** A batch of events; {@code firstSeq} numbers the first of them within the attempt, from 1. */
    public record Progress(
            int attempt,
            long firstSeq,
            List<Event> events,
            @Nullable Map<String, Number> hyperparameters,
            @Nullable Long trainedTokens,
            @Nullable Long remainingSeconds) {}

    /** One event of the job, as a client will read it. */
    public record Event(
            Level level,
            Type type,
            String message,
            @Nullable StepMetrics data) {
        public static Event message(Level level, String message) {
            return new Event(level, Type.MESSAGE, message, null);
        }

        public static Event metrics(StepMetrics metrics) {
            return new Event(Level.INFO, Type.METRICS, metrics.message(), metrics);
        }
    }

    /** How serious an event is. */
    public enum Level {
        @JsonProperty("info")
        INFO,
        @JsonProperty("warn")
        WARN,
        @JsonProperty("error")
        ERROR
    }

    /** Whether an event carries metrics. */
    public enum Type {
        @JsonProperty("message")
        MESSAGE,
        @JsonProperty("metrics")
        METRICS
    }

    /** The gateway's answer to what a worker reports: what to do, and how long its lease runs from now on. */
    public record DirectiveAnswer(
            Directive directive, @Nullable Integer leaseSeconds) {}

    /** Uploaded bytes, durable at the gateway. */
    public record Blob(String blobId, long bytes, String sha256) {}

    /** A checkpoint whose blobs are stored; without an adapter it is only a point to resume from. */
    public record CheckpointCommit(
            int attempt,
            int step,
            String resumeBlob,
            @Nullable String adapterBlob,
            @Nullable StepMetrics metrics) {}

    /**
     * How a task ended.
     *
     * @param timings null where no training had begun
     */
    public record Finish(
            int attempt,
            Outcome outcome,
            @Nullable TaskError error,
            @Nullable Long trainedTokens,
            @Nullable String adapterBlob,
            @Nullable List<ResultFile> resultFiles,
            @Nullable Timings timings) {

        static Finish of(int attempt, Outcome outcome) {
            return new Finish(attempt, outcome, null, null, null, null, null);
        }

        static Finish failed(int attempt, TaskError error) {
            return new Finish(attempt, Outcome.FAILED, error, null, null, null, null);
        }

        /** The same, and where the time went. */
        Finish with(@Nullable Timings where) {
            return new Finish(attempt, outcome, error, trainedTokens, adapterBlob, resultFiles, where);
        }
    }

    /** Where an attempt's time went, see {@link TrainingTime}. */
    public record Timings(
            double forwardSeconds, double backwardSeconds, double optimizerSeconds, double waitingSeconds) {}

    /** {@code STOPPED} obeys a directive. */
    public enum Outcome {
        @JsonProperty("validated")
        VALIDATED,
        @JsonProperty("succeeded")
        SUCCEEDED,
        @JsonProperty("failed")
        FAILED,
        @JsonProperty("stopped")
        STOPPED
    }

    /** The {@code error} of a failed job. */
    public record TaskError(
            String code, String message, @Nullable String param) {}

    /** A file the job leaves behind. */
    public record ResultFile(String filename, String blobId) {}

    /** A fine-tuned model or checkpoint, and the model its adapter belongs to. */
    public record FineTunedModel(String id, String baseModel) {}
}
