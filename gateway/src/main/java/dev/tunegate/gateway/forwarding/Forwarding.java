package dev.tunegate.gateway.forwarding;

import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code forwardings}, claimed: what is still to be done for a job at its upstream.
 *
 * @param createSent whether the upstream may have the job already
 * @param tries how often the problem has come up in a row
 * @param problem what kept it from going on the last time
 */
record Forwarding(
        String jobId,
        String upstream,
        boolean createSent,
        int tries,
        @Nullable String problem,
        int attempt) {

    static Forwarding of(Row row) {
        return new Forwarding(
                row.getString("job_id"),
                row.getString("upstream"),
                row.getBoolean("create_sent"),
                row.getInteger("tries"),
                row.getString("problem"),
                row.getInteger("attempt"));
    }
}
