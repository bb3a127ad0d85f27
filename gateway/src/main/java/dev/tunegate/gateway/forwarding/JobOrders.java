package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.jobs.JobStore;
import io.vertx.core.Future;

/**
 * What clients order a job to do, carried out where the job is: here, or at the upstream that trains it. A job that has
 * ended, or is as it should be, needs nobody else: {@link JobStore} knows the answer.
 */
public final class JobOrders {
    private final JobStore jobs;
    private final ForwardedJobs forwarded;

    public JobOrders(JobStore jobs, ForwardedJobs forwarded) {
        this.jobs = jobs;
        this.forwarded = forwarded;
    }

    /**
     * Ends a job.
     *
     * @param isRetry whether the SDK says that it has asked before: then a cancelled job is what it wanted
     */
    public Future<Job> cancel(Job job, boolean isRetry) {
        return isElsewhere(job) ? forwarded.cancel(job) : jobs.cancel(job.project(), job.id(), isRetry);
    }

    /** Lets a job rest. */
    public Future<Job> pause(Job job) {
        return isElsewhere(job) && job.status() != JobStatus.PAUSED
                ? forwarded.pause(job)
                : jobs.pause(job.project(), job.id());
    }

    /**
     * Has a paused job go on.
     *
     * @param isRetry whether the SDK says that it has asked before: then a job that goes on is what it wanted
     */
    public Future<Job> resume(Job job, boolean isRetry) {
        return isElsewhere(job) && job.status() == JobStatus.PAUSED
                ? forwarded.resume(job)
                : jobs.resume(job.project(), job.id(), isRetry);
    }

    private static boolean isElsewhere(Job job) {
        return job.upstream() != null && !job.status().isFinal();
    }
}
