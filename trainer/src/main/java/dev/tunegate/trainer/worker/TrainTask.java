package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import dev.tunegate.trainer.training.Hyperparameters;
import dev.tunegate.trainer.training.MetricsCsv;
import dev.tunegate.trainer.training.ModelLearner;
import dev.tunegate.trainer.training.NotResumable;
import dev.tunegate.trainer.training.StepMetrics;
import dev.tunegate.trainer.training.TrainingData;
import dev.tunegate.trainer.training.TrainingListener;
import dev.tunegate.trainer.training.TrainingLoop;
import dev.tunegate.trainer.worker.Protocol.Event;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.Level;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import dev.tunegate.trainer.worker.Protocol.ResultFile;
import dev.tunegate.trainer.worker.Protocol.ResumePoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains one claimed job: its loop reports to the gateway, and the gateway's directive reaches its loop. */
final class TrainTask {
    private static final Logger LOG = LoggerFactory.getLogger(TrainTask.class);

    private final TaskContext context;
    private final LoadedModels models;
    private final BooleanSupplier workerStops;

    /** @param workerStops true when the task is to be left to another worker, where it stands */
    TrainTask(TaskContext context, LoadedModels models, BooleanSupplier workerStops) {
        this.context = context;
        this.models = models;
        this.workerStops = workerStops;
    }

    Finish run() throws IOException, InvalidDataset, TaskFailed, InterruptedException {
        TaskFailed.unlessSupervised(context.job());
        HyperparameterRequest request =
                HyperparameterRequest.parse(context.job().hyperparameters());
        JobFiles files = JobFiles.download(context);
        try (LoadedModels.Use base = models.use(context.job().model())) {
            ModelFacts facts = ModelFacts.of(base.model().config(), false);
            TrainingData data = TrainingData.read(
                    files.training(),
                    files.validation(),
                    TrainingMethod.SUPERVISED,
                    base.tokenizer(),
                    base.template(),
                    request.contextLength(facts));
            data.notes().forEach(note -> context.reporter().report(Event.message(Level.WARN, note)));
            return train(base, data, request.resolve(data.training().size(), facts));
        }
    }

    private Finish train(LoadedModels.Use base, TrainingData data, Hyperparameters hyperparameters)
            throws IOException, InterruptedException {
        context.reporter().hyperparameters(hyperparameters.shownInJob());
        try (ModelLearner learner = ModelLearner.ofAdapter(
                        base.model(),
                        context.job().model(),
                        hyperparameters,
                        context.job().seed());
                CheckpointUploads uploads = new CheckpointUploads(context)) {
            TrainingLoop loop = new TrainingLoop(
                    learner,
                    data,
                    hyperparameters,
                    context.job().seed(),
                    context.dir().resolve("training"),
                    new Reports(uploads),
                    System::nanoTime);
            resume(loop);
            boolean completed = loop.run();
            if (!completed && context.reporter().directive() == Protocol.Directive.CANCEL) {
                // What is still on its way to the gateway is of no use to anybody.
                return context.finish(Outcome.STOPPED);
            }
            String adapterBlob = uploads.await();
            if (!completed) {
                return context.finish(Outcome.STOPPED);
            }
            return succeeded(loop, adapterBlob != null ? adapterBlob : uploadAdapter(learner));
        }
    }

    /** For an attempt that resumed behind the last step and so had nothing left but to finish. */
    private String uploadAdapter(ModelLearner learner) throws IOException, InterruptedException {
        Path weights = context.dir().resolve("adapter");
        Path zip = context.dir().resolve("adapter.zip");
        learner.save(weights);
        AdapterZip.pack(weights, zip);
        return context.upload(zip);
    }

    private void resume(TrainingLoop loop) throws IOException, InterruptedException {
        ResumePoint point = context.task().resume();
        if (point == null) {
            return;
        }
        Path file = context.dir().resolve("resume-from.zip");
        try {
            context.retry().untilAvailable(() -> {
                context.gateway().downloadBlob(context.task(), point.blobId(), file);
                return file;
            });
            loop.resumeFrom(file);
            LOG.info("{} goes on behind step {}", context.task().jobId(), loop.step());
        } catch (NotResumable e) {
            LOG.warn("{} starts again: {}", context.task().jobId(), e.getMessage());
            context.reporter()
                    .report(Event.message(
                            Level.WARN,
                            "The training starts again from its first step: its resume state cannot be used."));
        }
    }

    private Finish succeeded(TrainingLoop loop, String adapterBlob) throws IOException, InterruptedException {
        Path csv = context.dir().resolve("step_metrics.csv");
        MetricsCsv.write(loop.metrics(), csv);
        List<ResultFile> results = List.of(
                new ResultFile("step_metrics.csv", context.upload(csv)), new ResultFile("adapter.zip", adapterBlob));
        return new Finish(
                context.task().attempt(), Outcome.SUCCEEDED, null, loop.trainedTokens(), adapterBlob, results);
    }

    /** Carries what the loop says to the gateway, and the gateway's will to the loop. */
    private final class Reports implements TrainingListener {
        private final CheckpointUploads uploads;

        Reports(CheckpointUploads uploads) {
            this.uploads = uploads;
        }

        @Override
        public Wish wish() {
            return switch (context.reporter().directive()) {
                case CONTINUE -> workerStops.getAsBoolean() ? Wish.SAVE_AND_STOP : Wish.GO_ON;
                case CANCEL -> Wish.STOP;
                case PAUSE -> Wish.SAVE_AND_STOP;
            };
        }

        @Override
        public void measured(StepMetrics metrics, Progress progress) {
            context.reporter().report(Event.metrics(metrics));
            context.reporter().advanced(progress.trainedTokens(), progress.remaining());
        }

        @Override
        public void saved(Saved saved) throws IOException {
            uploads.submit(saved);
        }
    }
}
