package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.jobs.CheckpointStore;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.jobs.JobTransitions;
import dev.tunegate.gateway.tasks.Task;
import dev.tunegate.gateway.tasks.TaskState;
import dev.tunegate.gateway.worker.Finish.Outcome;
import dev.tunegate.gateway.worker.Finish.ResultFile;
import dev.tunegate.gateway.worker.Protocol.Acknowledgement;
import dev.tunegate.gateway.worker.Protocol.Directive;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Records how tasks ended. */
final class Outcomes {
    private final Database database;

    Outcomes(Database database) {
        this.database = database;
    }

    /** A repeated message finds its outcome recorded and changes nothing. */
    Future<Acknowledgement> record(String jobId, Finish finish) {
        return database.transaction(connection -> Attempts.lock(connection, jobId)
                        .compose(assignment -> {
                            Task task = assignment.task();
                            if (task.attempt() == finish.attempt() && task.leaseOwner() == null) {
                                return Future.succeededFuture(afterwards(assignment, finish));
                            }
                            Attempts.requireHeld(assignment, finish.attempt());
                            return JobTransitions.spent(connection, assignment.job(), finish.timings())
                                    .compose(noted -> task.state() == TaskState.PAUSED
                                            ? endPaused(connection, assignment, finish)
                                                    .map(Directive.PAUSE)
                                            : end(connection, assignment, finish)
                                                    .map(Directive.CONTINUE));
                        }))
                .map(Acknowledgement::withoutLease);
    }

    /** This attempt has ended already: by this very outcome, by a client's order, or by losing the lease. */
    private static Directive afterwards(Assignment assignment, Finish finish) {
        Job job = assignment.job();
        JobStatus expected = switch (finish.outcome()) {
            case VALIDATED, STOPPED -> JobStatus.QUEUED;
            case SUCCEEDED -> JobStatus.SUCCEEDED;
            case FAILED -> JobStatus.FAILED;
        };
        if (job.status() == JobStatus.CANCELLED) {
            return Directive.CANCEL;
        }
        if (job.status() == JobStatus.PAUSED) {
            return Directive.PAUSE;
        }
        if (job.status() == expected || finish.outcome() == Outcome.STOPPED) {
            return Directive.CONTINUE;
        }
        throw Attempts.stale(assignment, finish.attempt());
    }

    private static Future<Void> end(SqlConnection connection, Assignment assignment, Finish finish) {
        Job job = assignment.job();
        return switch (finish.outcome()) {
            case VALIDATED -> {
                require(job, JobStatus.VALIDATING_FILES, "validated");
                yield JobTransitions.queue(connection, job);
            }
            case SUCCEEDED -> {
                require(job, JobStatus.RUNNING, "succeeded");
                yield succeed(connection, job, finish);
            }
            case FAILED -> JobTransitions.fail(connection, job, Objects.requireNonNull(finish.error()));
            case STOPPED -> JobTransitions.handBack(connection, job, assignment.task());
        };
    }

    /** A training that came to its end while it was being paused is at its last step; resumed, it has only to end. */
    private static Future<Void> endPaused(SqlConnection connection, Assignment assignment, Finish finish) {
        Job job = assignment.job();
        return switch (finish.outcome()) {
            case STOPPED, SUCCEEDED -> JobTransitions.handBack(connection, job, assignment.task());
            case FAILED -> end(connection, assignment, finish);
            case VALIDATED -> {
                require(job, JobStatus.VALIDATING_FILES, "validated");
                yield Future.succeededFuture();
            }
        };
    }

    private static void require(Job job, JobStatus status, String outcome) {
        if (job.status() != status) {
            throw ApiError.badRequest(
                    "invalid outcome: " + outcome + ", the job is "
                            + job.status().text(),
                    "outcome");
        }
    }

    private static Future<Void> succeed(SqlConnection connection, Job job, Finish finish) {
        String adapter = Objects.requireNonNull(finish.adapterBlob());
        Long reported = finish.trainedTokens() == null ? job.trainedTokens() : finish.trainedTokens();
        long trainedTokens = reported == null ? 0 : reported;
        return JobBlobs.commit(connection, job, adapter)
                .compose(committed -> resultFiles(connection, job, finish.resultFiles()))
                .compose(files -> CheckpointStore.succeed(connection, job, adapter, files, trainedTokens));
    }

    private static Future<List<String>> resultFiles(SqlConnection connection, Job job, List<ResultFile> files) {
        Future<List<String>> ids = Future.succeededFuture(new ArrayList<>());
        for (ResultFile file : files) {
            ids = ids.compose(earlier -> resultFile(connection, job, file).map(id -> {
                earlier.add(id);
                return earlier;
            }));
        }
        return ids;
    }

    private static Future<String> resultFile(SqlConnection connection, Job job, ResultFile file) {
        String id = Ids.random("file-", 24);
        return JobBlobs.commit(connection, job, file.blobId())
                .compose(blob -> Database.query(
                        connection,
                        "blobs.create_result_file",
                        id,
                        job.project(),
                        file.filename(),
                        blob.bytes(),
                        blob.blobId(),
                        blob.sha256()))
                .map(created -> id);
    }
}
