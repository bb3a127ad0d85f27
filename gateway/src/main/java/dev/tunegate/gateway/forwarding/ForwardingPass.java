package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.forwarding.ForwardingStore.LeaseLost;
import dev.tunegate.gateway.forwarding.Mirror.Seen;
import dev.tunegate.gateway.forwarding.Mirror.TakenName;
import dev.tunegate.gateway.jobs.Hyperparameters;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.upstream.UpstreamClient;
import dev.tunegate.gateway.upstream.UpstreamProblem;
import dev.tunegate.gateway.upstream.UpstreamProblem.Kind;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * One visit to an upstream for a job: takes it there, or looks how it goes, or ends it there. What a visit that breaks off
 * has left undone, the next one does.
 */
final class ForwardingPass {
    private final ForwardingStore store;
    private final UpstreamFiles files;
    private final ResultFiles results;
    private final Hyperparameters hyperparameters;
    private final UpstreamClient host;
    private final UpstreamJobs jobs;
    private final Forwarding row;

    ForwardingPass(
            ForwardingStore store,
            UpstreamFiles files,
            ResultFiles results,
            Hyperparameters hyperparameters,
            UpstreamClient host,
            Forwarding row) {
        this.store = store;
        this.files = files;
        this.results = results;
        this.hyperparameters = hyperparameters;
        this.host = host;
        this.jobs = new UpstreamJobs(host);
        this.row = row;
    }

    /** Fails with what {@link ForwardingFailures} knows how to take. */
    Future<Void> run() {
        return store.job(row).compose(job -> {
            if (job.status().isFinal()) {
                return end(job);
            }
            String id = job.upstreamJobId();
            return id == null ? take(job) : look(job, id);
        });
    }

    /**
     * Takes a job to the upstream. It may be there already: a gateway may have ended, or an answer been lost, after it
     * was sent.
     */
    private Future<Void> take(Job job) {
        Future<Optional<UpstreamJob>> earlier =
                row.createSent() ? jobs.find(job) : Future.succeededFuture(Optional.empty());
        return earlier.compose(
                found -> found.isPresent() ? store.created(row, found.get().id()) : create(job));
    }

    private Future<Void> create(Job job) {
        return files.trainingFile(job, host)
                .compose(training -> files.validationFile(job, host)
                        .compose(validation -> store.createSent(row)
                                .compose(isWanted -> isWanted
                                        ? jobs.create(job, training, validation)
                                                .compose(created -> store.created(row, created.id()))
                                        : store.done(row))));
    }

    /**
     * Looks at the job first and at its events afterwards: what they tell belongs to the state that was seen, or to a
     * later one.
     */
    private Future<Void> look(Job job, String id) {
        return jobs.get(id)
                .compose(there -> jobs.newEvents(id, ids -> store.knownEvents(job.id(), ids))
                        .compose(events -> jobs.checkpoints(id)
                                .recover(ForwardingPass::noneWhereTheHostHasNoSuchThing)
                                .compose(checkpoints -> results.download(there.resultFiles(), host)
                                        .compose(files -> write(new Seen(there, events, checkpoints, files))))));
    }

    private static Future<List<UpstreamCheckpoint>> noneWhereTheHostHasNoSuchThing(Throwable failure) {
        return failure instanceof UpstreamProblem problem && problem.kind() == Kind.REFUSED
                ? Future.succeededFuture(List.of())
                : Future.failedFuture(failure);
    }

    private Future<Void> write(Seen seen) {
        return store.change(row, (connection, job) -> {
                    if (job.status().isFinal()) { // somebody has cancelled it meanwhile
                        return Future.succeededFuture(false);
                    }
                    return ForwardingStore.problemIsOver(connection, row)
                            .compose(told -> new Mirror(connection, job, hyperparameters).write(seen))
                            .compose(isNews -> ForwardingStore.looked(
                                    connection, job, isNews, seen.job().status().isFinal()))
                            .map(true);
                })
                .compose(
                        isWritten -> isWritten ? Future.succeededFuture() : results.remove(seen.resultFiles()),
                        failure -> notWritten(seen, failure).transform(removed -> Future.failedFuture(failure)));
    }

    private Future<Void> notWritten(Seen seen, Throwable failure) {
        return failure instanceof LeaseLost || failure instanceof TakenName
                ? results.remove(seen.resultFiles())
                : results.removeUnrecorded(seen.resultFiles(), failure);
    }

    /**
     * Ends a job that was cancelled here when nobody knew whether it was there: if it is, it must not go on for nobody.
     */
    private Future<Void> end(Job job) {
        if (job.status() != JobStatus.CANCELLED) {
            return store.done(row);
        }
        String id = job.upstreamJobId();
        Future<Optional<String>> there = id != null
                ? Future.succeededFuture(Optional.of(id))
                : row.createSent()
                        ? jobs.find(job).map(found -> found.map(UpstreamJob::id))
                        : Future.succeededFuture(Optional.empty());
        return there.compose(found -> found.isPresent() ? cancel(found.get()) : Future.succeededFuture())
                .compose(ended -> store.done(row));
    }

    private Future<Void> cancel(String id) {
        return jobs.order(id, "cancel")
                .<Void>mapEmpty()
                .recover(failure -> failure instanceof UpstreamProblem problem && problem.kind() == Kind.REFUSED
                        ? Future.succeededFuture() // it has ended by itself
                        : Future.failedFuture(failure));
    }
}
