package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.dataset.DatasetFile;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import java.io.IOException;

/** Checks a new job's hyperparameters and files, line by line and without a model. */
final class ValidateTask {
    private final TaskContext context;

    ValidateTask(TaskContext context) {
        this.context = context;
    }

    Finish run() throws IOException, InvalidDataset, TaskFailed, InterruptedException {
        TrainingMethod method = TaskFailed.methodOf(context.job());
        HyperparameterRequest.parse(context.job().hyperparameters(), method);
        JobFiles files = JobFiles.downloadData(context);
        DatasetFile.check(files.training(), method);
        if (files.validation() != null) {
            DatasetFile.check(files.validation(), method);
        }
        return switch (context.reporter().directive()) {
            case CONTINUE -> context.finish(Outcome.VALIDATED);
            case CANCEL, PAUSE -> context.finish(Outcome.STOPPED);
        };
    }
}
