package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.dataset.DataFile;
import dev.tunegate.trainer.dataset.DataFile.Role;
import dev.tunegate.trainer.worker.GatewayException.Refused;
import dev.tunegate.trainer.worker.Protocol.TaskError;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A job's files, copied from the gateway under names of our own.
 *
 * @param startAdapter the directory, in PEFT's format, of the adapter that training continues from
 */
record JobFiles(
        DataFile training,
        @Nullable DataFile validation,
        @Nullable Path startAdapter) {

    static JobFiles download(TaskContext context) throws TaskFailed, IOException, InterruptedException {
        String validation = context.job().validationFile();
        String adapter = context.job().startAdapter();
        return new JobFiles(
                download(context, Role.TRAINING, context.job().trainingFile()),
                validation == null ? null : download(context, Role.VALIDATION, validation),
                adapter == null ? null : downloadAdapter(context, adapter));
    }

    private static Path downloadAdapter(TaskContext context, String blob) throws IOException, InterruptedException {
        Path directory = context.dir().resolve("start-adapter");
        AdapterZip.unpack(context.download(blob, "start-adapter.zip"), directory, context::requireWanted);
        return directory;
    }

    private static DataFile download(TaskContext context, Role role, String fileId)
            throws TaskFailed, IOException, InterruptedException {
        String word = role == Role.TRAINING ? "training" : "validation";
        Path target = context.dir().resolve(word + ".jsonl");
        try {
            context.retry()
                    .untilAvailable(
                            () -> {
                                context.gateway().downloadFile(context.task(), fileId, target, context::requireWanted);
                                return target;
                            },
                            context::requireWanted);
        } catch (Refused e) {
            if (e.status() != 404) {
                throw e;
            }
            throw new TaskFailed(new TaskError(
                    "deleted_%s_file".formatted(word),
                    "The job failed because the %s file was deleted".formatted(word),
                    word + "_file"));
        }
        return new DataFile(target, role, fileId);
    }
}
