package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.ModelImport;
import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.worker.Protocol.DirectiveAnswer;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.Kind;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.io.IOException;
import java.lang.StackWalker.StackFrame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An order ends a task in every of its phases. A first run, without one, shows which phases ask for orders, and when for the
 * first time; then an order comes in each of them.
 */
@Timeout(120)
class EveryPhaseTest {
    /** What the work is in the middle of, by a class on the stack or a method of it. */
    private static final List<String> OF_VALIDATION = List.of("JobFiles", "Lines");

    /** These leave nothing behind that a paused job would need. */
    private static final List<String> BEFORE_TRAINING = List.of("JobFiles", "Lines", "Budget", "PieceReader");

    private static final List<String> OF_TRAINING = List.of("TrainStep.passes", "TrainStep.evaluate", "TrainingPass");

    /** What is saved and sent here is what a paused job goes on from: only a cancelled one does without. */
    private static final List<String> OF_SAVING = List.of("FileZip", "CheckpointUploads.upload", "TrainTask.succeeded");

    private static final String NOWHERE = "nowhere";

    @TempDir
    Path dir;

    private StubGateway gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new StubGateway();
        gateway.addFile("file-train", WorkerFixture.LINES);
        gateway.addFile("file-valid", WorkerFixture.LINES);
        ModelImport.copy(Path.of("src/test/resources/golden/llama/model"), dir.resolve("models"), "tiny");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @EnumSource(value = Directive.class, names = "CONTINUE", mode = EnumSource.Mode.EXCLUDE)
    void aValidationStopsInEachPhase(Directive order) throws Exception {
        Run whole = run(Kind.VALIDATE, order, NOWHERE);

        assertThat(whole.outcome).isEqualTo(Outcome.VALIDATED);
        assertStopsIn(OF_VALIDATION, whole, Kind.VALIDATE, order);
    }

    @ParameterizedTest
    @EnumSource(value = Directive.class, names = "CONTINUE", mode = EnumSource.Mode.EXCLUDE)
    void aTrainingStopsInEachPhase(Directive order) throws Exception {
        Run whole = run(Kind.TRAIN, order, NOWHERE);

        assertThat(whole.outcome).isEqualTo(Outcome.SUCCEEDED);
        assertStopsIn(BEFORE_TRAINING, whole, Kind.TRAIN, order);
        assertStopsIn(OF_TRAINING, whole, Kind.TRAIN, order);
        assertThat(whole.phases).containsAll(OF_SAVING);
        if (order == Directive.CANCEL) {
            assertStopsIn(OF_SAVING, whole, Kind.TRAIN, order);
        }
    }

    private void assertStopsIn(List<String> phases, Run whole, Kind kind, Directive order) throws Exception {
        for (String phase : phases) {
            assertThat(whole.phases).as("phases that ask").contains(phase);
            Run stopped = run(kind, order, phase);
            assertThat(stopped.outcome).as("%s in %s", order, phase).isEqualTo(Outcome.STOPPED);
        }
    }

    /** What came of a task, and the phases in which it has asked. */
    private record Run(Outcome outcome, Set<String> phases) {}

    /** Gives the order at the first question that is asked in a phase. */
    private Run run(Kind kind, Directive order, String orderIn) throws Exception {
        gateway.forget();
        Set<String> phases = ConcurrentHashMap.newKeySet();
        Task task = new Task(kind, "ftjob-1", 1, 60, job(), null, null);
        GatewayClient client = new GatewayClient(gateway.uri(), StubGateway.TOKEN);
        Retry retry = new Retry(Duration.ofMillis(5), Duration.ofMillis(50));
        BaseModels base = new BaseModels(List.of(dir.resolve("models")));
        try (LoadedModels models = new LoadedModels(base, ComputeType.FP32, 1L << 30);
                WorkDirectory work = new WorkDirectory(dir.resolve("work"));
                TaskReporter reporter = new TaskReporter(client, task, Duration.ofMillis(50), retry)) {
            TaskContext context = new TaskContext(client, retry, task, reporter, work, () -> {
                List<String> asking = phasesOnTheStack();
                if (asking.stream().filter(phases::add).anyMatch(orderIn::equals)) {
                    reporter.received(new DirectiveAnswer(order, 0));
                }
                return false;
            });
            return new Run(outcome(context, models), phases);
        }
    }

    private static Outcome outcome(TaskContext context, LoadedModels models) throws Exception {
        try {
            Finish finish = context.task().kind() == Kind.VALIDATE
                    ? new ValidateTask(context, models).run()
                    : new TrainTask(context, models, new TrainingTime()).run();
            return finish.outcome();
        } catch (Stopped e) {
            return Outcome.STOPPED;
        }
    }

    private static List<String> phasesOnTheStack() {
        List<String> all = Stream.of(OF_VALIDATION, BEFORE_TRAINING, OF_TRAINING, OF_SAVING)
                .flatMap(List::stream)
                .distinct()
                .toList();
        return StackWalker.getInstance().walk(frames -> {
            List<String> here = frames.flatMap(EveryPhaseTest::names).toList();
            return all.stream().filter(here::contains).toList();
        });
    }

    private static Stream<String> names(StackFrame frame) {
        String type = frame.getClassName().replaceFirst(".*\\.", "");
        return Stream.of(type, type + "." + frame.getMethodName());
    }

    private static JobSpec job() throws IOException {
        var hyperparameters =
                WorkerFixture.job("{\"n_epochs\": 1, \"batch_size\": 12}").get("hyperparameters");
        return new JobSpec("tiny", null, "supervised", hyperparameters, 7, "file-train", "file-valid", 3);
    }
}
