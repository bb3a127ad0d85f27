package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.training.TrainingListener.Saved;
import dev.tunegate.trainer.worker.Protocol.CheckpointCommit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Sends checkpoints to the gateway one after another while training goes on, also through a time without a gateway. A
 * checkpoint is committed after its blobs are durable and after the events before it have arrived. A point that is only
 * there to resume from makes way for whatever is saved after it, as long as it still waits.
 */
final class CheckpointUploads implements AutoCloseable {
    private final TaskContext context;
    private final ExecutorService thread;
    private final Queue<Future<?>> submitted = new ArrayDeque<>();
    private final Map<Integer, String> adapters = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Upload> waitingPoint = new AtomicReference<>();

    /** Copies of what was saved; the adapter is null for a mere resume point. */
    private record Upload(
            Saved saved, Path resume, @Nullable Path adapter) {}

    CheckpointUploads(TaskContext context) {
        this.context = context;
        this.thread = Executors.newSingleThreadExecutor(run -> {
            Thread uploads = new Thread(run, "uploads-" + context.task().jobId());
            uploads.setDaemon(true);
            return uploads;
        });
    }

    /** Takes over the files, which may be replaced as soon as this returns. */
    void submit(Saved saved) throws IOException {
        Path resume = context.dir().resolve("upload-%d-resume.zip".formatted(saved.step()));
        Files.copy(saved.resume(), resume, StandardCopyOption.REPLACE_EXISTING);
        Path weights = saved.weights();
        Path adapter = weights == null ? null : context.dir().resolve("upload-%d-adapter.zip".formatted(saved.step()));
        if (weights != null && adapter != null) {
            AdapterZip.pack(weights, adapter, context::requireNotCancelled);
        }
        Upload upload = new Upload(saved, resume, adapter);
        boolean isPoint = adapter == null;
        Upload superseded = waitingPoint.getAndSet(isPoint ? upload : null);
        if (superseded != null) {
            Files.delete(superseded.resume);
        }
        submitted.add(thread.submit(() -> {
            if (!isPoint || waitingPoint.compareAndSet(upload, null)) {
                upload(upload);
            }
            return null;
        }));
    }

    /**
     * Waits until everything is committed.
     *
     * @return the blobs of the checkpoints' adapters by their steps
     */
    Map<Integer, String> await() throws IOException, InterruptedException {
        while (!submitted.isEmpty()) {
            try {
                submitted.remove().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException failure) {
                    throw failure;
                }
                if (e.getCause() instanceof Stopped stopped) {
                    throw stopped;
                }
                throw new IllegalStateException("a checkpoint could not be uploaded", e.getCause());
            }
        }
        return Map.copyOf(adapters);
    }

    /** Gives up what has not been sent. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void upload(Upload upload) throws IOException, InterruptedException {
        Saved saved = upload.saved;
        String resumeBlob = send(upload.resume);
        String adapterBlob = upload.adapter == null ? null : send(upload.adapter);
        context.reporter().flush();
        CheckpointCommit commit = new CheckpointCommit(
                context.task().attempt(),
                saved.step(),
                resumeBlob,
                adapterBlob,
                upload.adapter == null ? null : saved.metrics());
        context.reporter()
                .received(context.retry()
                        .untilAvailable(
                                () -> context.gateway()
                                        .commitCheckpoint(context.task().jobId(), commit, context::requireNotCancelled),
                                context::requireNotCancelled));
        if (adapterBlob != null) {
            adapters.put(saved.step(), adapterBlob);
        }
    }

    private String send(Path file) throws IOException, InterruptedException {
        String blob = context.upload(file);
        Files.delete(file);
        return blob;
    }
}
