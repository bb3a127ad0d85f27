package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.Blob;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.BufferStream;
import dev.tunegate.gateway.files.UnusedBlobs;
import dev.tunegate.gateway.upstream.UpstreamClient;
import dev.tunegate.gateway.upstream.UpstreamProblem;
import dev.tunegate.gateway.upstream.UpstreamProblem.Kind;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Brings the files that a job has left at an upstream. */
final class ResultFiles {
    private static final String FILES = "/files/";

    private final BlobStore blobs;
    private final UnusedBlobs unused;

    ResultFiles(Database database, BlobStore blobs) {
        this.blobs = blobs;
        this.unused = new UnusedBlobs(database, blobs);
    }

    /** A result file that is here, and durable. */
    record Downloaded(String filename, Blob blob) {}

    /**
     * Downloads all files that the upstream gives away. One that it refuses is left out: a finished model is not lost
     * over a file of metrics. When another fails, those before it are removed: the next look brings all of them again.
     */
    Future<List<Downloaded>> download(List<String> ids, UpstreamClient host) {
        List<Downloaded> done = new ArrayList<>();
        Future<List<Downloaded>> all = Future.succeededFuture(done);
        for (String id : ids) {
            all = all.compose(before -> download(id, host)
                    .onSuccess(done::add)
                    .map(done)
                    .recover(failure -> failure instanceof UpstreamProblem problem && problem.kind() == Kind.REFUSED
                            ? Future.succeededFuture(done)
                            : Future.failedFuture(failure)));
        }
        return all.recover(failure -> remove(done).transform(removed -> Future.failedFuture(failure)));
    }

    /** Removes files that nobody has recorded. */
    Future<Void> remove(List<Downloaded> files) {
        return Future.join(files.stream()
                        .map(file -> blobs.delete(file.blob().id()))
                        .toList())
                .mapEmpty();
    }

    /** Removes files that could not be recorded, unless nobody knows whether they were. */
    Future<Void> removeUnrecorded(List<Downloaded> files, Throwable failure) {
        return Future.join(files.stream()
                        .map(file -> unused.removeUnrecorded(file.blob().id(), failure))
                        .toList())
                .mapEmpty();
    }

    private Future<Downloaded> download(String id, UpstreamClient host) {
        String path = FILES + UpstreamIds.inPath(id);
        return host.get(path).compose(json -> {
            String name = host.scrubber().scrub(json.path("filename").asText()).replaceAll("[^A-Za-z0-9._ -]", "_");
            return host.content(path + "/content")
                    .compose(bytes ->
                            blobs.write(new BufferStream(host.scrubber().withoutKey(plain(bytes)))))
                    .map(blob -> new Downloaded(name.isBlank() ? "step_metrics.csv" : name, blob));
        });
    }

    /** OpenAI sends the metrics of a job in base64, other hosts as they are. */
    static Buffer plain(Buffer content) {
        try {
            Buffer decoded = Buffer.buffer(Base64.getDecoder()
                    .decode(content.toString(StandardCharsets.US_ASCII).strip()));
            return decoded.toString(StandardCharsets.UTF_8).startsWith("step,") ? decoded : content;
        } catch (IllegalArgumentException e) {
            return content;
        }
    }
}
