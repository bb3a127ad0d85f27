package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.jobs.Checkpoint;

/** A checkpoint as OpenAI sends it, and whether it is the best. */
record CheckpointObject(
        String object,
        String id,
        long createdAt,
        String fineTunedModelCheckpoint,
        int stepNumber,
        JsonNode metrics,
        String fineTuningJobId,
        boolean best) {

    static CheckpointObject of(Checkpoint checkpoint) {
        return new CheckpointObject(
                "fine_tuning.job.checkpoint",
                checkpoint.id(),
                checkpoint.createdAt().toEpochSecond(),
                checkpoint.model(),
                checkpoint.step(),
                checkpoint.metrics(),
                checkpoint.jobId(),
                checkpoint.best());
    }
}
