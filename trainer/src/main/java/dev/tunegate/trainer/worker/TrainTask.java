package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.ExampleEncoder;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import dev.tunegate.trainer.torch.NativeMemory;
import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.training.FreeMemory;
import dev.tunegate.trainer.training.HyperparameterRequest;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import dev.tunegate.trainer.training.Hyperparameters;
import dev.tunegate.trainer.training.MemoryEstimate;
import dev.tunegate.trainer.training.MemoryPlan;
import dev.tunegate.trainer.training.MetricsCsv;
import dev.tunegate.trainer.training.ModelLearner;
import dev.tunegate.trainer.training.NotResumable;
import dev.tunegate.trainer.training.StepMetrics;
import dev.tunegate.trainer.training.TrainingData;
import dev.tunegate.trainer.training.TrainingFailure;
import dev.tunegate.trainer.training.TrainingListener;
import dev.tunegate.trainer.training.TrainingLoop;
import dev.tunegate.trainer.worker.Protocol.CommittedCheckpoint;
import dev.tunegate.trainer.worker.Protocol.Event;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.Level;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import dev.tunegate.trainer.worker.Protocol.ResultFile;
import dev.tunegate.trainer.worker.Protocol.ResumePoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains one claimed job: its loop reports to the gateway, and the gateway's directive reaches its loop. */
final class TrainTask {
    private static final Logger LOG = LoggerFactory.getLogger(TrainTask.class);

    private final TaskContext context;
    private final LoadedModels models;
    private final TrainingTime time;

    /** @param time hears where the time goes */
    TrainTask(TaskContext context, LoadedModels models, TrainingTime time) {
        this.context = context;
        this.models = models;
        this.time = time;
    }

    Finish run() throws IOException, InvalidDataset, TaskFailed, InterruptedException {
        TrainingMethod method = TaskFailed.methodOf(context.job());
        HyperparameterRequest request =
                HyperparameterRequest.parse(context.job().hyperparameters(), method);
        JobFiles files = JobFiles.download(context);
        LoadedModels.Description base = models.describe(context.job().model());
        ModelFacts facts = ModelFacts.of(base.config(), false);
        TrainingData data = read(files, method, base.directory(), request.contextLength(facts));
        data.notes().forEach(note -> context.reporter().report(Event.message(Level.WARN, note)));
        Hyperparameters hyperparameters = continuing(request, files, base.config())
                .resolve(data.training().size(), facts);
        requireMemory(base, data, hyperparameters);
        try (LoadedModels.Use loaded = models.use(context.job().model(), context::requireWanted)) {
            return train(loaded, files, data, hyperparameters);
        } finally {
            NativeMemory.giveBack();
        }
    }

    private TrainingData read(JobFiles files, TrainingMethod method, Path model, int contextLength)
            throws IOException, InvalidDataset {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            ExampleEncoder encoder =
                    new ExampleEncoder(tokenizer, ChatTemplate.load(model), contextLength, context::requireWanted);
            return TrainingData.read(files.training(), files.validation(), method, encoder);
        }
    }

    private static HyperparameterRequest continuing(HyperparameterRequest request, JobFiles files, ModelConfig model)
            throws IOException {
        Path start = files.startAdapter();
        return start == null ? request : request.continuing(Adapter.check(start, model));
    }

    /** Fails a job that cannot fit before gigabytes are read; one that other models keep from fitting makes them leave. */
    private void requireMemory(LoadedModels.Description base, TrainingData data, Hyperparameters hyperparameters) {
        ModelConfig config = base.config();
        MemoryEstimate estimate = MemoryEstimate.of(
                config, base.type(), ModelLearner.lora(config, hyperparameters), data, hyperparameters.batchSize());
        MemoryPlan generous = MemoryPlan.generous(config);
        Boolean wanted = hyperparameters.gradientCheckpointing();
        long present = estimate.present(base.loaded());
        // Chats leave something behind, too.
        NativeMemory.giveBack();
        if (estimate.fitting(generous, wanted, FreeMemory.bytes() + present) == null) {
            models.unloadUnused(context.job().model());
            NativeMemory.giveBack();
            estimate.requireWithin(generous, wanted, FreeMemory.bytes() + present);
        }
    }

    private ModelLearner learner(LoadedModels.Use base, JobFiles files, Hyperparameters hyperparameters)
            throws IOException {
        String model = context.job().model();
        long seed = context.job().seed();
        Path start = files.startAdapter();
        return start == null
                ? ModelLearner.ofAdapter(base.model(), model, hyperparameters, seed)
                : ModelLearner.fromAdapter(base.model(), model, start, hyperparameters, seed);
    }

    private Finish train(LoadedModels.Use base, JobFiles files, TrainingData data, Hyperparameters hyperparameters)
            throws IOException, InterruptedException {
        context.reporter().hyperparameters(hyperparameters.shownInJob());
        try (ModelLearner learner = learner(base, files, hyperparameters);
                CheckpointUploads uploads = new CheckpointUploads(context)) {
            learner.fit(data, FreeMemory.bytes());
            TrainingLoop loop = new TrainingLoop(
                    learner,
                    data,
                    hyperparameters,
                    context.job().seed(),
                    context.dir().resolve("training"),
                    new Reports(uploads),
                    System::nanoTime);
            resume(loop);
            time.begin(learner.times(), loop::step);
            return train(loop, uploads);
        } finally {
            time.log(context.task());
        }
    }

    private Finish train(TrainingLoop loop, CheckpointUploads uploads) throws IOException, InterruptedException {
        boolean completed = runOrKeepCheckpoints(loop, uploads);
        if (!completed && context.reporter().directive() == Directive.CANCEL) {
            // What is still on its way to the gateway is of no use to anybody.
            return context.finish(Outcome.STOPPED);
        }
        Map<Integer, String> adapters = time.waiting(uploads::await);
        if (!completed) {
            return context.finish(Outcome.STOPPED);
        }
        String adapter = adapters.get(loop.finalStep());
        return succeeded(loop, adapter != null ? adapter : finalAdapter(loop));
    }

    /** A training that breaks off leaves its checkpoints behind, also those still on their way to the gateway. */
    private boolean runOrKeepCheckpoints(TrainingLoop loop, CheckpointUploads uploads)
            throws IOException, InterruptedException {
        try {
            return loop.run();
        } catch (TrainingFailure e) {
            time.waiting(uploads::await);
            throw e;
        }
    }

    /** Finds or makes the result of an attempt that did not upload the final step's checkpoint itself. */
    private String finalAdapter(TrainingLoop loop) throws IOException, InterruptedException {
        List<CommittedCheckpoint> committed = context.task().checkpoints();
        for (CommittedCheckpoint checkpoint : committed == null ? List.<CommittedCheckpoint>of() : committed) {
            if (checkpoint.step() == loop.finalStep()) {
                return checkpoint.adapterBlob();
            }
        }
        Path weights = context.dir().resolve("adapter");
        Path zip = context.dir().resolve("adapter.zip");
        loop.saveResult(weights);
        AdapterZip.pack(weights, zip, context::requireNotCancelled);
        return time.waiting(() -> context.upload(zip));
    }

    private void resume(TrainingLoop loop) throws IOException, InterruptedException {
        ResumePoint point = context.task().resume();
        if (point == null) {
            return;
        }
        try {
            loop.resumeFrom(context.download(point.blobId(), "resume-from.zip"));
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
                new ResultFile("step_metrics.csv", time.waiting(() -> context.upload(csv))),
                new ResultFile("adapter.zip", adapterBlob));
        return new Finish(
                context.task().attempt(), Outcome.SUCCEEDED, null, loop.trainedTokens(), adapterBlob, results, null);
    }

    /** Carries what the loop says to the gateway, and the gateway's will to the loop. */
    private final class Reports implements TrainingListener {
        private final CheckpointUploads uploads;

        Reports(CheckpointUploads uploads) {
            this.uploads = uploads;
        }

        @Override
        public Directive directive() {
            return context.directive();
        }

        @Override
        public void measured(StepMetrics metrics, Progress progress) {
            context.reporter().report(Event.metrics(metrics));
            context.reporter().advanced(progress.trainedTokens(), progress.remaining());
        }

        @Override
        public void noted(String message) {
            context.reporter().report(Event.message(Level.INFO, message));
        }

        @Override
        public void saved(Saved saved) throws IOException {
            uploads.submit(saved);
        }
    }
}
