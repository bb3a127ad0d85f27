package dev.tunegate.gateway.jobs;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.Page;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.retries.CreateRequest;
import dev.tunegate.gateway.retries.Creates;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The jobs of every project, as their clients create, read and cancel them. */
public final class JobStore {
    private final Database database;
    private final Creates creates;
    private final ProjectQuotas quotas;

    /** @param quotas what each project may have */
    public JobStore(Database database, ProjectQuotas quotas) {
        this.database = database;
        this.quotas = quotas;
        this.creates = new Creates(database, Creates.Kind.JOB);
    }

    /**
     * Writes the job, its first events and its place in the queue in one transaction; another try of the same create finds
     * the job instead.
     *
     * @param baseModel the requested model itself, or the base of the fine-tuned one that is to be trained further
     * @param upstream the host that is to train it, null for our workers
     */
    public Future<Job> create(CreateRequest create, JobRequest request, String baseModel, @Nullable String upstream) {
        return database.transaction(connection -> creates.once(
                connection,
                create,
                Ids.random("ftjob-", 24),
                id -> Database.query(connection, "jobs.find", create.project(), id)
                        .map(rows -> Job.of(rows.iterator().next())),
                id -> insert(connection, create, id, request, baseModel, upstream)
                        .compose(job -> quotas.requireJobWithin(connection, create.project())
                                .map(job))));
    }

    /** Notes that a caller has used a job's id: a create of its own that made the job has been answered. */
    public Future<Void> used(Caller caller, String id) {
        return creates.used(caller, id);
    }

    /** Notes that a list is about to show jobs. */
    public Future<Void> listed(List<Job> jobs) {
        return creates.listed(jobs.stream().map(Job::id).toList());
    }

    public Future<Optional<Job>> find(String project, String id) {
        return database.query("jobs.find", project, id).map(JobStore::first);
    }

    /** A page of jobs, newest first, one more than the page holds where there is one. */
    public Future<List<Job>> list(String project, JobFilter filter, Page page) {
        return database.query(
                        "jobs.list",
                        project,
                        page.after(),
                        filter.containedMetadata(),
                        filter.withoutMetadata(),
                        page.rows())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Job::of)
                        .toList());
    }

    /**
     * Ends a job. Its worker, if there is one, learns it with its next report.
     *
     * @param isRetry whether the SDK says that it has asked before: then a cancelled job is what it wanted
     */
    public Future<Job> cancel(String project, String id, boolean isRetry) {
        return change(project, id, (connection, job) -> {
            if (job.status() == JobStatus.CANCELLED && isRetry) {
                return Future.succeededFuture(job);
            }
            requireOpen(job, "cancelled");
            return JobTransitions.cancel(connection, job);
        });
    }

    /** Lets a job rest. Its worker, if there is one, learns it with its next report and saves what it has. */
    public Future<Job> pause(String project, String id) {
        return change(project, id, (connection, job) -> {
            if (job.status() == JobStatus.PAUSED) {
                return Future.succeededFuture(job);
            }
            requireOpen(job, "paused");
            if (job.status() == JobStatus.VALIDATING_FILES) {
                throw refused("Job " + id + " cannot be paused while its files are being checked. Try again once it is"
                        + " queued.");
            }
            return JobTransitions.pause(connection, job);
        });
    }

    /**
     * Queues a paused job again.
     *
     * @param isRetry whether the SDK says that it has asked before: then a job that goes on is what it wanted
     */
    public Future<Job> resume(String project, String id, boolean isRetry) {
        return change(project, id, (connection, job) -> {
            requireOpen(job, "resumed");
            if (job.status() == JobStatus.PAUSED) {
                return JobTransitions.resume(connection, job);
            }
            if (isRetry) {
                return Future.succeededFuture(job);
            }
            throw refused("Job " + id + " is " + job.status().text() + ", not paused, and cannot be resumed.");
        });
    }

    private Future<Job> change(String project, String id, BiFunction<SqlConnection, Job, Future<Job>> change) {
        return database.transaction(connection -> lock(connection, id).compose(found -> {
            Job job = found.filter(candidate -> candidate.project().equals(project))
                    .orElseThrow(() -> unknown(id));
            return change.apply(connection, job);
        }));
    }

    private static void requireOpen(Job job, String change) {
        if (job.status().isFinal()) {
            throw refused("Job " + job.id() + " has already " + past(job.status()) + " and cannot be " + change + ".");
        }
    }

    /** Refuses with 400, because SDKs repeat a request that is answered with 409. */
    private static ApiError refused(String message) {
        return ApiError.badRequest(message, "fine_tune_id", "invalid_job_state");
    }

    /** The error of a job that there is not, or that is another project's. */
    public static ApiError unknown(String id) {
        return ApiError.notFound(
                "Could not find fine tune: " + ApiError.quoted(id), "fine_tune_id", "fine_tune_not_found");
    }

    /** The error of a model that nobody can train. */
    public static ApiError modelNotAvailable(String model) {
        String message = "Model " + ApiError.quoted(model) + " is not available for fine-tuning or does not exist.";
        return ApiError.badRequest(message, null, "model_not_available");
    }

    /** A job for the rest of this transaction's own. */
    public static Future<Optional<Job>> lock(SqlConnection connection, String id) {
        return Database.query(connection, "jobs.lock", id).map(JobStore::first);
    }

    private static Future<Job> insert(
            SqlConnection connection,
            CreateRequest create,
            String id,
            JobRequest request,
            String baseModel,
            @Nullable String upstream) {
        String project = create.project();
        return requireFile(connection, project, "training_file", request.trainingFile())
                .compose(exists -> requireFile(connection, project, "validation_file", request.validationFile()))
                .compose(exists -> upstream != null
                        ? Future.succeededFuture(Optional.<String>empty())
                        : startAdapter(connection, project, request, baseModel))
                .compose(startAdapter -> {
                    List<@Nullable Object> columns = new ArrayList<>(request.columns());
                    columns.addAll(Arrays.asList(
                            id,
                            project,
                            create.caller(),
                            create.sha256(),
                            baseModel,
                            startAdapter.orElse(null),
                            upstream));
                    return Database.query(connection, "jobs.create", columns.toArray());
                })
                .map(rows -> Job.of(rows.iterator().next()))
                .compose(job -> JobTransitions.created(connection, job)
                        .compose(told -> upstream == null
                                ? Future.succeededFuture()
                                : Database.query(connection, "forwardings.enroll", job.id(), upstream))
                        .map(job));
    }

    private static Future<Optional<String>> startAdapter(
            SqlConnection connection, String project, JobRequest request, String baseModel) {
        if (request.model().equals(baseModel)) {
            return Future.succeededFuture(Optional.empty());
        }
        return Database.query(connection, "jobs.start_adapter", project, request.model())
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw modelNotAvailable(request.model());
                    }
                    return Optional.of(rows.iterator().next().getString("adapter_blob"));
                });
    }

    private static Future<Void> requireFile(
            SqlConnection connection, String project, String field, @Nullable String file) {
        if (file == null) {
            return Future.succeededFuture();
        }
        return Database.query(connection, "jobs.has_file", project, file).compose(rows -> {
            if (!rows.iterator().next().getBoolean("found")) {
                throw ApiError.badRequest("invalid " + field + ": " + ApiError.quoted(file), field);
            }
            return Future.succeededFuture();
        });
    }

    private static Optional<Job> first(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).map(Job::of).findFirst();
    }

    private static String past(JobStatus status) {
        return status == JobStatus.CANCELLED ? "been cancelled" : status.text();
    }
}
