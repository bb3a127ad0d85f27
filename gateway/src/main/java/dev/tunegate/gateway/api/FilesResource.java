package dev.tunegate.gateway.api;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.Download;
import dev.tunegate.gateway.files.FileStore;
import dev.tunegate.gateway.files.MultipartUpload;
import dev.tunegate.gateway.files.StoredFile;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.Page;
import dev.tunegate.gateway.http.PathParameter;
import dev.tunegate.gateway.http.Query;
import dev.tunegate.gateway.http.Resource;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.retries.CreateRequest;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The resource /v1/files: uploads are streamed to the blob store, and contents back to the client. */
public final class FilesResource implements Resource {
    private static final int MAX_PAGE = 10_000;
    private static final long FORM_OVERHEAD = 1024 * 1024;

    private final FileStore files;
    private final BlobStore blobs;
    private final long maxFileBytes;
    private final Database database;
    private final ProjectQuotas quotas;

    /** @param maxFileBytes above which uploads are refused */
    public FilesResource(Database database, BlobStore blobs, long maxFileBytes, ProjectQuotas quotas) {
        this.files = new FileStore(database, blobs);
        this.database = database;
        this.quotas = quotas;
        this.blobs = blobs;
        this.maxFileBytes = maxFileBytes;
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of(
                "createFile", this::create,
                "listFiles", this::list,
                "retrieveFile", this::retrieve,
                "deleteFile", this::delete,
                "downloadFile", this::download);
    }

    /** The file as OpenAI sends it. */
    record FileObject(
            String object,
            String id,
            String purpose,
            String filename,
            long bytes,
            long createdAt,
            @Nullable Long expiresAt,
            String status,
            @Nullable String statusDetails) {

        static FileObject of(StoredFile file) {
            OffsetDateTime expires = file.expiresAt();
            return new FileObject(
                    "file",
                    file.id(),
                    file.purpose(),
                    file.filename(),
                    file.bytes(),
                    file.createdAt().toEpochSecond(),
                    expires == null ? null : expires.toEpochSecond(),
                    "processed",
                    null);
        }
    }

    record Deleted(String object, boolean deleted, String id) {}

    private Future<FileObject> create(RoutingContext ctx) {
        String length = ctx.request().getHeader("content-length");
        if (length != null && Long.parseLong(length) > maxFileBytes + FORM_OVERHEAD) {
            throw ApiError.tooLarge("The file is larger than the " + maxFileBytes + " bytes allowed.", "file");
        }
        return requireRoom(ctx, length == null ? 0 : Math.max(0, Long.parseLong(length) - FORM_OVERHEAD))
                .compose(room -> MultipartUpload.read(ctx, "file", maxFileBytes, blobs))
                .compose(form -> record(ctx, form));
    }

    /** Spares the client that has too much already the upload; one that asks again may have its file already. */
    private Future<Void> requireRoom(RoutingContext ctx, long bytes) {
        return CreateRequest.mayBeRepeated(ctx.request())
                ? Future.succeededFuture()
                : quotas.requireRoomForFile(database, Caller.of(ctx).project(), bytes);
    }

    private Future<FileObject> record(RoutingContext ctx, MultipartUpload.Form form) {
        FileForm checked;
        CreateRequest create;
        try {
            checked = FileForm.check(form.fields(), form.filename());
            create = CreateRequest.of(ctx, checked.sha256(form.blob()));
        } catch (ApiError e) {
            return blobs.delete(form.blob().id()).transform(deleted -> Future.failedFuture(e));
        }
        return files.create(
                        create,
                        checked.purpose(),
                        checked.filename(),
                        form.blob(),
                        checked.expiresAfterSeconds(),
                        quotas)
                .map(FileObject::of);
    }

    private Future<Page.IdentifiedListing<FileObject>> list(RoutingContext ctx) {
        Page page = Page.of(ctx, MAX_PAGE, MAX_PAGE);
        boolean newestFirst = Query.isDescending(ctx, true);
        return files.list(Caller.of(ctx).project(), Query.optional(ctx, "purpose"), newestFirst, page)
                .compose(rows -> files.listed(rows).map(rows))
                .map(rows -> page.listing(rows.stream().map(FileObject::of).toList(), FileObject::id));
    }

    private Future<FileObject> retrieve(RoutingContext ctx) {
        return find(ctx).map(FileObject::of);
    }

    private Future<Deleted> delete(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "file_id");
        return files.delete(Caller.of(ctx).project(), id).map(deleted -> {
            if (!deleted) {
                throw FileStore.unknown(id);
            }
            return new Deleted("file", true, id);
        });
    }

    private Future<Void> download(RoutingContext ctx) {
        return find(ctx)
                .compose(file -> blobs.read(file.blobId())
                        .compose(content -> Download.send(ctx, content, "application/octet-stream", file.filename())));
    }

    private Future<StoredFile> find(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "file_id");
        Caller caller = Caller.of(ctx);
        return files.used(caller, id)
                .compose(noted -> files.find(caller.project(), id))
                .map(found -> found.orElseThrow(() -> FileStore.unknown(id)));
    }
}
