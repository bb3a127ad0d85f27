package dev.tunegate.gateway.files;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.BodyStream;
import dev.tunegate.gateway.http.WaitingClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a multipart form of which one part is a file: that part goes to the blob store as it comes in, the others are
 * short fields. Whatever goes wrong, no blob stays behind.
 */
public final class MultipartUpload {
    private static final int MAX_FIELDS = 64 * 1024;

    private final HttpServerRequest request;
    private final ReadStream<Buffer> body;
    private final String filePart;
    private final long maxBytes;
    private final BlobStore store;
    private final Promise<Void> formRead = Promise.promise();
    private final Map<String, String> fields = new LinkedHashMap<>();

    private @Nullable PartStream file;
    private @Nullable String filename;
    private @Nullable Future<Blob> stored;
    private boolean inFile;
    private long fileBytes;
    private String fieldName = "";
    private Buffer field = Buffer.buffer();
    private int fieldBytes;

    /** A form that has come in whole. */
    public record Form(Map<String, String> fields, @Nullable String filename, Blob blob) {}

    private MultipartUpload(
            HttpServerRequest request, ReadStream<Buffer> body, String filePart, long maxBytes, BlobStore store) {
        this.request = request;
        this.body = body;
        this.filePart = filePart;
        this.maxBytes = maxBytes;
        this.store = store;
    }

    /**
     * Reads the body of a request to its end.
     *
     * @param filePart the part that is the file, whatever its headers say; it must be there once
     */
    public static Future<Form> read(RoutingContext ctx, String filePart, long maxBytes, BlobStore store) {
        return read(ctx.request(), BodyStream.of(ctx), filePart, maxBytes, store);
    }

    static Future<Form> read(
            HttpServerRequest request, ReadStream<Buffer> body, String filePart, long maxBytes, BlobStore store) {
        String boundary = PartHeader.boundary(request.getHeader("content-type"));
        if (boundary == null) {
            return Future.failedFuture(ApiError.badRequest(
                    "The request must be multipart/form-data with a boundary, its file in the part '" + filePart + "'.",
                    null));
        }
        return new MultipartUpload(request, body, filePart, maxBytes, store).read(boundary);
    }

    private Future<Form> read(String boundary) {
        MultipartParser parser = new MultipartParser(boundary, new Parts());
        body.exceptionHandler(this::abort);
        body.handler(chunk -> attempt(() -> parser.feed(chunk)));
        body.endHandler(end -> attempt(() -> {
            parser.end();
            formRead.tryComplete();
        }));
        body.resume();
        return formRead.future().transform(read -> finish(read.cause()));
    }

    private void attempt(Runnable step) {
        if (formRead.future().isComplete()) {
            return;
        }
        try {
            step.run();
        } catch (MalformedMultipart e) {
            abort(ApiError.badRequest("The multipart form is broken: " + e.getMessage() + ".", null));
        } catch (ApiError e) {
            abort(e);
        }
    }

    private void abort(Throwable cause) {
        if (formRead.tryFail(cause) && file != null) {
            file.fail(cause);
        }
        body.pause();
    }

    private Future<Form> finish(@Nullable Throwable failure) {
        Future<Blob> blob = stored;
        if (blob == null) {
            return Future.failedFuture(failure != null ? failure : missingFile());
        }
        if (failure == null) {
            return blob.compose(done -> WaitingClient.require(request)
                    .map(new Form(fields, filename, done))
                    .recover(gone -> discard(blob, gone)));
        }
        return discard(blob, failure);
    }

    private Future<Form> discard(Future<Blob> blob, Throwable reason) {
        return blob.compose(done -> store.delete(done.id()), notStored -> Future.succeededFuture())
                .transform(deleted -> Future.failedFuture(reason));
    }

    private ApiError missingFile() {
        return ApiError.badRequest("'" + filePart + "' is a required property", filePart);
    }

    private final class Parts implements MultipartParser.Listener {
        @Override
        public void partBegins(PartHeader header) {
            inFile = header.name().equals(filePart);
            if (inFile && file != null) {
                throw ApiError.badRequest("The form has more than one part '" + filePart + "'.", filePart);
            }
            if (inFile) {
                filename = header.filename();
                file = new PartStream(body);
                stored = store.write(file);
                stored.onFailure(MultipartUpload.this::abort);
            } else {
                fieldName = header.name();
                field = Buffer.buffer();
            }
        }

        @Override
        public void partData(Buffer data) {
            if (inFile && file != null) {
                fileBytes += data.length();
                if (fileBytes > maxBytes) {
                    throw ApiError.tooLarge("The file is larger than the " + maxBytes + " bytes allowed.", filePart);
                }
                file.push(data);
            } else {
                fieldBytes += data.length();
                if (fieldBytes > MAX_FIELDS) {
                    throw ApiError.badRequest("The form's fields have more than " + MAX_FIELDS + " bytes.", null);
                }
                field.appendBuffer(data);
            }
        }

        @Override
        public void partEnds() {
            if (inFile && file != null) {
                file.end();
            } else if (!fieldName.isEmpty()) {
                fields.put(fieldName, field.toString(StandardCharsets.UTF_8));
            }
        }
    }
}
