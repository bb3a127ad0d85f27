package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.upstream.UpstreamClient;
import dev.tunegate.gateway.upstream.UpstreamProblem;
import dev.tunegate.gateway.upstream.UpstreamProblem.Kind;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/** Gives upstreams the files of jobs: the same bytes once, unless the upstream has lost them. */
final class UpstreamFiles {
    private static final String FILES = "/files";

    private final Database database;
    private final BlobStore blobs;

    UpstreamFiles(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** A job's file was deleted before its upstream had it. */
    static final class MissingFile extends RuntimeException {
        private final String field;

        private MissingFile(String field) {
            super(field, null, false, false);
            this.field = field;
        }

        String field() {
            return field;
        }
    }

    Future<String> trainingFile(Job job, UpstreamClient host) {
        return ensure(job, job.request().trainingFile(), "training_file", host);
    }

    Future<@Nullable String> validationFile(Job job, UpstreamClient host) {
        String file = job.request().validationFile();
        return file == null
                ? Future.succeededFuture(null)
                : ensure(job, file, "validation_file", host).map(id -> id);
    }

    private Future<String> ensure(Job job, String file, String field, UpstreamClient host) {
        return database.query("forwardings.file", job.project(), file).compose(rows -> {
            if (rows.size() == 0) {
                throw new MissingFile(field);
            }
            Row row = rows.iterator().next();
            return uploaded(row, host).compose(id -> id == null ? upload(row, host) : Future.succeededFuture(id));
        });
    }

    /** The upstream's id of a file; null where the upstream does not have it, yet or any more. */
    private Future<@Nullable String> uploaded(Row file, UpstreamClient host) {
        return database.query("forwardings.uploaded_file", name(host), url(host), file.getString("sha256"))
                .compose(rows -> {
                    if (rows.size() == 0) {
                        return Future.succeededFuture(null);
                    }
                    String id = rows.iterator().next().getString("file_id");
                    return host.get(FILES + "/" + UpstreamIds.inPath(id))
                            .<@Nullable String>map(json -> hasBytes(json, file) ? id : null)
                            .recover(failure ->
                                    failure instanceof UpstreamProblem problem && problem.kind() == Kind.REFUSED
                                            ? Future.succeededFuture(null)
                                            : Future.failedFuture(failure));
                });
    }

    private static boolean hasBytes(JsonNode json, Row file) {
        return json.path("bytes").asLong(-1) == file.getLong("bytes");
    }

    private Future<String> upload(Row file, UpstreamClient host) {
        return blobs.read(file.getString("blob_id"))
                .compose(content -> host.upload(FILES, file.getString("filename"), file.getString("sha256"), content))
                .compose(json -> {
                    String id = UpstreamIds.require(json.path("id"), "an upload without an id", host);
                    if (json.has("bytes") && !hasBytes(json, file)) {
                        throw host.nonsense("an upload of " + json.path("bytes").asLong() + " bytes where "
                                + file.getLong("bytes") + " were sent");
                    }
                    return database.query(
                                    "forwardings.file_uploaded", name(host), url(host), file.getString("sha256"), id)
                            .map(kept -> id);
                });
    }

    private static String name(UpstreamClient host) {
        return host.upstream().name();
    }

    private static String url(UpstreamClient host) {
        return host.upstream().baseUrl().toString();
    }
}
