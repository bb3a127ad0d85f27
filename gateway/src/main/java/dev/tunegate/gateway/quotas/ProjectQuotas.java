package dev.tunegate.gateway.quotas;

import dev.tunegate.gateway.config.ProjectLimits;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;

/**
 * Refuses what is more than a project may keep. It is asked behind the insert and in its transaction, whose failure takes the
 * insert back: the count is the database's, and includes what the transaction has added.
 */
public final class ProjectQuotas {
    private static final long MEGABYTE = 1024 * 1024;
    private static final Duration JOBS_END = Duration.ofMinutes(1);

    private final ProjectLimits limits;

    private record Usage(long openJobs, long files, long storedBytes) {}

    public ProjectQuotas(ProjectLimits limits) {
        this.limits = limits;
    }

    /** Fails where a project's new job is one too many. */
    public Future<Void> requireJobWithin(SqlConnection connection, String project) {
        return usage(connection, project).map(usage -> {
            if (usage.openJobs() > limits.openJobs()) {
                throw TooMany.forNow(
                        "This fine-tuning request has been rate-limited. Project " + ApiError.quoted(project)
                                + " has reached the maximum of " + limits.openJobs()
                                + " jobs that have not ended. Wait for one to end, or cancel one.",
                        JOBS_END);
            }
            return null;
        });
    }

    /** Fails where a project's new file is one too many, or its bytes are. */
    public Future<Void> requireFileWithin(SqlConnection connection, String project) {
        return usage(connection, project).map(usage -> {
            require(project, usage);
            return null;
        });
    }

    /** Fails where a new file will be too much, before its bytes are read. */
    public Future<Void> requireRoomForFile(Database database, String project, long bytes) {
        return usage(database.pool(), project).map(usage -> {
            require(project, new Usage(0, usage.files() + 1, usage.storedBytes() + bytes));
            return null;
        });
    }

    private void require(String project, Usage usage) {
        if (usage.files() > limits.files()) {
            throw TooMany.untilDeleted("Project " + ApiError.quoted(project) + " has reached the maximum of "
                    + limits.files() + " files. Delete files that are not needed any more.");
        }
        if (usage.storedBytes() > limits.storedMegabytes() * MEGABYTE) {
            throw TooMany.untilDeleted("Project " + ApiError.quoted(project) + " would keep more than the "
                    + limits.storedMegabytes() + " MB that its files may have in all. Delete files that are not needed"
                    + " any more.");
        }
    }

    private static Future<Usage> usage(SqlClient client, String project) {
        return Database.query(client, "quotas.usage", project).map(rows -> {
            if (rows.size() == 0) {
                return new Usage(0, 0, 0);
            }
            Row row = rows.iterator().next();
            return new Usage(row.getLong("open_jobs"), row.getLong("files"), row.getLong("stored_bytes"));
        });
    }
}
