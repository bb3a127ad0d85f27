package dev.tunegate.gateway.tasks;

import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code tasks}.
 *
 * @param subject the id of what the work is for, such as a job
 * @param attempt counts the claims of the subject's work; a worker that names an older one has lost it
 * @param receivedSeq how many events of this attempt have arrived
 * @param tries attempts since the work last got further; one counts from its first sign of life
 * @param isHeard whether the worker of this attempt has given one
 * @param leaseOwner the worker that holds it, null where none does
 * @param leaseSeconds how long a lease lasts from its last renewal
 */
public record Task(
        long number,
        TaskKind kind,
        String subject,
        TaskState state,
        int attempt,
        int receivedSeq,
        int tries,
        boolean isHeard,
        @Nullable String leaseOwner,
        int leaseSeconds) {

    static Task of(Row row) {
        return new Task(
                row.getLong("number"),
                TaskKind.of(row.getString("kind")),
                row.getString("subject"),
                TaskState.of(row.getString("state")),
                row.getInteger("attempt"),
                row.getInteger("received_seq"),
                row.getInteger("tries"),
                row.getBoolean("is_heard"),
                row.getString("lease_owner"),
                row.getInteger("lease_seconds"));
    }

    /** Whether this attempt is the one that has the lease. */
    public boolean isHeldBy(int otherAttempt) {
        return attempt == otherAttempt && leaseOwner != null;
    }
}
