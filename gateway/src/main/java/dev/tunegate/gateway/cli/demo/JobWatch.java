package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Follows a fine-tuning job over HTTP until it has ended. */
final class JobWatch {
    private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled");
    private static final Duration POLL_EVERY = Duration.ofMillis(250);

    private final DemoClient client;
    private final InstantSource clock;
    private final Duration deadline;

    JobWatch(DemoClient client, InstantSource clock, Duration deadline) {
        this.client = client;
        this.clock = clock;
        this.deadline = deadline;
    }

    /** The job as it ended, and for how long it was seen running. */
    record Outcome(JsonNode job, Duration running) {}

    /** Waits for the end of a job, telling its progress; anything but success is a {@link DemoFailure}. */
    Outcome follow(String jobId, Consumer<Progress> listener) {
        Instant giveUp = clock.instant().plus(deadline);
        Instant started = null;
        while (true) {
            JsonNode job = client.get("/fine_tuning/jobs/" + jobId);
            String status = job.path("status").asText();
            if (started == null && (status.equals("running") || FINAL.contains(status))) {
                started = clock.instant();
            }
            progress(jobId, job).ifPresent(listener);
            if (FINAL.contains(status)) {
                if (!status.equals("succeeded")) {
                    throw new DemoFailure("The job %s has %s: %s"
                            .formatted(jobId, status, job.at("/error/message").asText("no reason was given")));
                }
                return new Outcome(job, Duration.between(started, clock.instant()));
            }
            if (clock.instant().isAfter(giveUp)) {
                throw new DemoFailure(
                        "The job %s is still %s after %d s; TUNEGATE_LOG_LEVEL=INFO shows the trainer's log."
                                .formatted(jobId, status, deadline.toSeconds()));
            }
            Pause.millis(POLL_EVERY.toMillis());
        }
    }

    private Optional<Progress> progress(String jobId, JsonNode job) {
        JsonNode events = client.get("/fine_tuning/jobs/" + jobId + "/events?limit=20");
        return StreamSupport.stream(events.path("data").spliterator(), false)
                .filter(event -> event.path("type").asText().equals("metrics"))
                .map(event -> event.path("data"))
                .findFirst()
                .map(data -> new Progress(
                        data.path("step").asInt(),
                        data.path("total_steps").asInt(),
                        data.path("train_loss").asDouble(),
                        remaining(job.path("estimated_finish"))));
    }

    private @Nullable Duration remaining(JsonNode estimatedFinish) {
        if (!estimatedFinish.isNumber()) {
            return null;
        }
        Duration left = Duration.between(clock.instant(), Instant.ofEpochSecond(estimatedFinish.asLong()));
        return left.isNegative() ? Duration.ZERO : left;
    }
}
