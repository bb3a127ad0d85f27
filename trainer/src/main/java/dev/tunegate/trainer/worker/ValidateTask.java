package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.dataset.DatasetFile;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.training.HyperparameterRequest;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import java.io.IOException;

/** Checks a new job's hyperparameters, its files line by line, and the adapter it starts from, all without loading a model. */
final class ValidateTask {
    private final TaskContext context;
    private final LoadedModels models;

    ValidateTask(TaskContext context, LoadedModels models) {
        this.context = context;
        this.models = models;
    }

    Finish run() throws IOException, InvalidDataset, TaskFailed, InterruptedException {
        TrainingMethod method = TaskFailed.methodOf(context.job());
        HyperparameterRequest request =
                HyperparameterRequest.parse(context.job().hyperparameters(), method);
        JobFiles files = JobFiles.download(context);
        DatasetFile.check(files.training(), method, context::requireWanted);
        if (files.validation() != null) {
            DatasetFile.check(files.validation(), method, context::requireWanted);
        }
        if (files.startAdapter() != null) {
            request.continuing(Adapter.check(
                    files.startAdapter(), models.describe(context.job().model()).config()));
        }
        context.requireWanted();
        return context.finish(Outcome.VALIDATED);
    }
}
