package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.jobs.EventLog;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.NewEvent;
import dev.tunegate.gateway.tasks.TaskStore;
import dev.tunegate.gateway.worker.Protocol.Acknowledgement;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes workers' reports: events, numbers for "auto", and the lease's renewal, all in one transaction. */
final class ProgressReports {
    private final Attempts attempts;

    ProgressReports(Attempts attempts) {
        this.attempts = attempts;
    }

    Future<Acknowledgement> record(String jobId, Progress progress) {
        return attempts.write(
                jobId, progress.attempt(), (connection, assignment) -> record(connection, assignment, progress));
    }

    private static Future<Void> record(SqlConnection connection, Assignment assignment, Progress progress) {
        Job job = assignment.job();
        int received = assignment.task().receivedSeq();
        List<NewEvent> arrived = progress.eventsAfter(received);
        return withoutReportedSteps(connection, job, arrived)
                .compose(events -> EventLog.append(connection, job.id(), events))
                .compose(written -> Database.query(
                        connection,
                        "jobs.progress",
                        job.id(),
                        withoutAuto(job.request().hyperparameters(), progress.hyperparameters())
                                .toString(),
                        progress.trainedTokens(),
                        remaining(progress)))
                .compose(shown -> TaskStore.received(connection, assignment.task(), received + arrived.size()));
    }

    /** A resumed attempt repeats the steps after its checkpoint; clients have seen them. */
    private static Future<List<NewEvent>> withoutReportedSteps(
            SqlConnection connection, Job job, List<NewEvent> events) {
        List<Integer> steps = events.stream()
                .filter(ProgressReports::isMetrics)
                .map(ProgressReports::step)
                .toList();
        if (steps.isEmpty()) {
            return Future.succeededFuture(events);
        }
        return EventLog.reportedSteps(connection, job.id(), steps).map(reported -> {
            Set<Integer> known = new HashSet<>(reported);
            return events.stream()
                    .filter(event -> !isMetrics(event) || known.add(step(event)))
                    .toList();
        });
    }

    private static boolean isMetrics(NewEvent event) {
        return event.type().equals("metrics");
    }

    private static Integer step(NewEvent event) {
        JsonNode data = event.data();
        return data == null ? 0 : data.path("step").intValue();
    }

    private static JsonNode withoutAuto(JsonNode hyperparameters, ObjectNode numbers) {
        ObjectNode known = hyperparameters.deepCopy();
        for (Map.Entry<String, JsonNode> number : numbers.properties()) {
            if (known.path(number.getKey()).asText().equals("auto")) {
                known.set(number.getKey(), number.getValue());
            }
        }
        return known;
    }

    private static @Nullable Integer remaining(Progress progress) {
        Long seconds = progress.remainingSeconds();
        return seconds == null ? null : Math.toIntExact(seconds);
    }
}
