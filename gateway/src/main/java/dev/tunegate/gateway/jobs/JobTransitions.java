package dev.tunegate.gateway.jobs;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.tasks.Task;
import dev.tunegate.gateway.tasks.TaskKind;
import dev.tunegate.gateway.tasks.TaskState;
import dev.tunegate.gateway.tasks.TaskStore;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every step of a job's state machine, with the task that workers have of it and the events that tell of it, in the caller's
 * transaction. A forwarded job has no task; ending one that is not there changes nothing.
 */
public final class JobTransitions {
    /** So many attempts in a row may end in nothing. */
    static final int MAX_TRIES = 3;

    private JobTransitions() {}

    static Future<Void> created(SqlConnection connection, Job job) {
        if (job.upstream() != null) {
            return EventLog.append(
                    connection,
                    job.id(),
                    NewEvent.info("Created fine-tuning job: " + job.id()),
                    NewEvent.info("The upstream '" + job.upstream() + "' is to train it"));
        }
        String validation = job.request().validationFile() == null
                ? ""
                : " and validation file: " + job.request().validationFile();
        return EventLog.append(
                        connection,
                        job.id(),
                        NewEvent.info("Created fine-tuning job: " + job.id()),
                        NewEvent.info(
                                "Validating training file: " + job.request().trainingFile() + validation))
                .compose(written -> TaskStore.add(connection, TaskKind.VALIDATE, job.id(), job.baseModel()));
    }

    /** Its files are in order; now it waits for a worker that trains. */
    public static Future<Void> queue(SqlConnection connection, Job job) {
        return TaskStore.end(connection, job.id(), TaskState.SUCCEEDED)
                .compose(checked -> Database.query(connection, "jobs.queue", job.id()))
                .compose(changed -> TaskStore.add(connection, TaskKind.TRAIN, job.id(), job.baseModel()))
                .compose(added -> EventLog.append(
                        connection, job.id(), NewEvent.info("Files validated, moving job to queued state")));
    }

    /** A worker has begun; told once, however many attempts it takes. */
    public static Future<Void> started(SqlConnection connection, Job job) {
        return EventLog.append(connection, job.id(), NewEvent.started());
    }

    /** Its worker is lost: another one goes on, unless too many were lost already. */
    public static Future<Void> giveUpWorker(SqlConnection connection, Job job, Task task) {
        boolean isPaused = job.status() == JobStatus.PAUSED;
        if (task.isHeard() && task.tries() >= MAX_TRIES && !isPaused) {
            return fail(connection, job, JobError.workersLost(task.tries()));
        }
        String next = job.status() == JobStatus.VALIDATING_FILES
                ? "its files are checked again"
                : (isPaused ? "once resumed, " : "")
                        + (job.resumeStep() == null
                                ? "the job starts again"
                                : "the job goes on from step " + job.resumeStep());
        return giveBack(connection, job, task, task.tries())
                .compose(changed -> EventLog.append(
                        connection,
                        job.id(),
                        NewEvent.warn((task.isHeard()
                                        ? "The worker stopped answering; "
                                        : "The worker that was given the job was never heard of; ")
                                + next)));
    }

    /** Its worker hands it back unfinished; that is no failed try. */
    public static Future<Void> handBack(SqlConnection connection, Job job, Task task) {
        return giveBack(connection, job, task, task.isHeard() ? Math.max(0, task.tries() - 1) : task.tries());
    }

    /** An attempt at its end says where its time went, which comes on top of that of earlier ones. */
    public static Future<Void> spent(SqlConnection connection, Job job, @Nullable Timings timings) {
        return timings == null
                ? Future.succeededFuture()
                : Database.query(
                                connection,
                                "jobs.add_timings",
                                job.id(),
                                Json.MAPPER.valueToTree(timings).toString())
                        .mapEmpty();
    }

    private static Future<Void> giveBack(SqlConnection connection, Job job, Task task, int tries) {
        return Database.query(connection, "jobs.give_back", job.id())
                .compose(changed -> TaskStore.giveBack(connection, task, tries));
    }

    public static Future<Job> cancel(SqlConnection connection, Job job) {
        return TaskStore.end(connection, job.id(), TaskState.CANCELLED)
                .compose(ended -> Database.query(connection, "jobs.cancel", job.id()))
                .map(rows -> Job.of(rows.iterator().next()))
                .compose(cancelled -> EventLog.append(connection, job.id(), NewEvent.info("Fine-tuning job cancelled"))
                        .map(cancelled));
    }

    static Future<Job> pause(SqlConnection connection, Job job) {
        return TaskStore.pause(connection, job.id())
                .compose(resting -> Database.query(connection, "jobs.pause", job.id()))
                .map(rows -> Job.of(rows.iterator().next()))
                .compose(paused -> EventLog.append(connection, job.id(), NewEvent.info("Fine-tuning job paused"))
                        .map(paused));
    }

    static Future<Job> resume(SqlConnection connection, Job job) {
        return TaskStore.resume(connection, job.id())
                .compose(waiting -> Database.query(connection, "jobs.resume", job.id()))
                .map(rows -> Job.of(rows.iterator().next()))
                .compose(queued -> EventLog.append(connection, job.id(), NewEvent.info("Fine-tuning job resumed"))
                        .map(queued));
    }

    /** A file was deleted before a worker could read it. */
    public static Future<Void> failForDeletedFile(SqlConnection connection, Job job, String field) {
        return fail(connection, job, JobError.deletedFile(field));
    }

    public static Future<Void> fail(SqlConnection connection, Job job, JobError error) {
        return failSilently(connection, job, error)
                .compose(changed -> EventLog.append(connection, job.id(), NewEvent.error(error.message())));
    }

    /** The same without an event: the upstream's own events have told it. */
    public static Future<Void> failSilently(SqlConnection connection, Job job, JobError error) {
        return TaskStore.end(connection, job.id(), TaskState.FAILED)
                .compose(ended -> Database.query(
                        connection,
                        "jobs.fail",
                        job.id(),
                        Json.MAPPER.valueToTree(error).toString()))
                .mapEmpty();
    }

    /** The model and the result files are there. */
    static Future<Void> succeed(
            SqlConnection connection, Job job, String model, List<String> files, @Nullable Long trainedTokens) {
        return TaskStore.end(connection, job.id(), TaskState.SUCCEEDED)
                .compose(ended -> Database.query(
                        connection, "jobs.succeed", job.id(), model, files.toArray(new String[0]), trainedTokens))
                .compose(changed -> EventLog.append(
                        connection,
                        job.id(),
                        NewEvent.info("New fine-tuned model created: " + model),
                        NewEvent.info("The job has successfully completed")));
    }
}
