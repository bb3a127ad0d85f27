package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.forwarding.ResultFiles.Downloaded;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.jobs.Hyperparameters;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobError;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.jobs.JobTransitions;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what an upstream's job has become, all of one look in one transaction: whoever sees a job succeeded finds its
 * events, checkpoints, model and files.
 */
final class Mirror {
    private final SqlConnection connection;
    private final Job job;
    private final Hyperparameters hyperparameters;

    Mirror(SqlConnection connection, Job job, Hyperparameters hyperparameters) {
        this.connection = connection;
        this.job = job;
        this.hyperparameters = hyperparameters;
    }

    /** The things that one look has found. */
    record Seen(
            UpstreamJob job,
            List<UpstreamEvent> newEvents,
            List<UpstreamCheckpoint> checkpoints,
            List<Downloaded> resultFiles) {}

    /** Writes down what was seen. The result is true when something was new. */
    Future<Boolean> write(Seen seen) {
        UpstreamJob there = seen.job();
        return events(seen.newEvents())
                .compose(written -> progress(there))
                .compose(written -> checkpoints(seen.checkpoints(), there))
                .compose(written -> status(there, seen.resultFiles()))
                .map(written -> !seen.newEvents().isEmpty() || there.status() != job.status());
    }

    private Future<Void> events(List<UpstreamEvent> events) {
        if (events.isEmpty()) {
            return Future.succeededFuture();
        }
        ArrayNode batch = Json.MAPPER.createArrayNode();
        events.forEach(event -> batch.add(event.row()));
        return query("forwardings.append_events", job.id(), batch.toString());
    }

    /** Writes down how far the job has come. Numbers replace "auto" here as there. */
    private Future<Void> progress(UpstreamJob there) {
        ObjectNode shown = job.request().hyperparameters().deepCopy();
        shown.setAll(hyperparameters.understood(there.hyperparameters()));
        return query(
                "forwardings.progress", job.id(), shown.toString(), there.trainedTokens(), there.estimatedFinish());
    }

    private Future<Void> checkpoints(List<UpstreamCheckpoint> checkpoints, UpstreamJob there) {
        Future<Void> all = Future.succeededFuture();
        for (UpstreamCheckpoint checkpoint : checkpoints) {
            all = all.compose(before -> model(checkpoint.model()))
                    .compose(named -> query(
                            "forwardings.checkpoint",
                            Ids.random("ftckpt_", 24),
                            job.project(),
                            job.id(),
                            checkpoint.step(),
                            checkpoint.model(),
                            checkpoint.metrics().toString()));
        }
        if (checkpoints.isEmpty()) { // some hosts show none at first, some never
            return all;
        }
        Integer[] steps = checkpoints.stream().map(UpstreamCheckpoint::step).toArray(Integer[]::new);
        return all.compose(written -> query("forwardings.prune_checkpoints", job.id(), steps, there.fineTunedModel()));
    }

    /** Writes down a model. Its name there is its name here, so that whoever has noted it down finds it at either. */
    private Future<Void> model(String name) {
        return query("forwardings.create_model", name, job.project(), job.id(), job.baseModel(), job.upstream())
                .compose(created -> Database.query(connection, "forwardings.owns_model", name, job.id()))
                .map(rows -> {
                    if (!rows.iterator().next().getBoolean("found")) {
                        throw new TakenName(name);
                    }
                    return null;
                });
    }

    /** The upstream gives a name that another job's model has here. */
    static final class TakenName extends RuntimeException {
        private final String name;

        private TakenName(String name) {
            super(name, null, false, false);
            this.name = name;
        }

        JobError error() {
            return new JobError(
                    "model_name_taken",
                    "The upstream calls the job's model " + name + ", which is another job's model here.",
                    null);
        }
    }

    private Future<Void> status(UpstreamJob there, List<Downloaded> resultFiles) {
        if (there.status() == job.status() || there.status() == JobStatus.VALIDATING_FILES) {
            return Future.succeededFuture();
        }
        return switch (there.status()) {
            case SUCCEEDED -> succeed(Objects.requireNonNull(there.fineTunedModel()), resultFiles);
            case FAILED -> JobTransitions.failSilently(connection, job, Objects.requireNonNull(there.error()));
            case CANCELLED -> query("jobs.cancel", job.id());
            default -> query("forwardings.status", job.id(), there.status().text());
        };
    }

    private Future<Void> succeed(String model, List<Downloaded> files) {
        List<String> ids = new ArrayList<>();
        Future<Void> all = model(model);
        for (Downloaded file : files) {
            String id = Ids.random("file-", 24);
            ids.add(id);
            all = all.compose(before -> query(
                    "blobs.create_result_file",
                    id,
                    job.project(),
                    file.filename(),
                    file.blob().bytes(),
                    file.blob().id(),
                    file.blob().sha256()));
        }
        return all.compose(written -> query("jobs.succeed", job.id(), model, ids.toArray(new String[0]), null));
    }

    private Future<Void> query(String name, @Nullable Object... parameters) {
        return Database.query(connection, name, parameters).mapEmpty();
    }
}
