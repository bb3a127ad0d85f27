package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.DiskFull;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.worker.GatewayException.StaleAttempt;
import dev.tunegate.trainer.worker.Protocol.Event;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.Level;
import dev.tunegate.trainer.worker.Protocol.Outcome;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does claimed tasks: holds the lease while the work is done, and tells the gateway how it ended. */
final class TaskRunner {
    private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final GatewayClient gateway;
    private final Retry retry;
    private final Duration reportInterval;
    private final LoadedModels models;
    private final Path workDir;
    private final BooleanSupplier workerStops;

    TaskRunner(
            GatewayClient gateway,
            Retry retry,
            Duration reportInterval,
            LoadedModels models,
            Path workDir,
            BooleanSupplier workerStops) {
        this.gateway = gateway;
        this.retry = retry;
        this.reportInterval = reportInterval;
        this.models = models;
        this.workDir = workDir;
        this.workerStops = workerStops;
    }

    void run(Task task) throws InterruptedException {
        try (TaskReporter reporter = new TaskReporter(gateway, task, reportInterval, retry)) {
            TrainingTime time = new TrainingTime();
            Finish finish = work(task, reporter, time).with(time.timings());
            reporter.flush();
            retry.untilAvailable(
                    () -> {
                        gateway.finish(task.jobId(), finish);
                        return finish;
                    },
                    Stop.NEVER);
            LOG.info("Finished the {} task of {}: {}", task.kind(), task.jobId(), finish.outcome());
        } catch (StaleAttempt e) {
            LOG.info("The {} task of {} is no longer ours", task.kind(), task.jobId());
        } catch (GatewayException e) {
            LOG.error("Giving up the {} task of {}", task.kind(), task.jobId(), e);
        }
    }

    private Finish work(Task task, TaskReporter reporter, TrainingTime time) throws StaleAttempt, InterruptedException {
        try (WorkDirectory dir = new WorkDirectory(workDir)) {
            TaskContext context = new TaskContext(gateway, retry, task, reporter, dir, workerStops);
            return switch (task.kind()) {
                case TRAIN -> new TrainTask(context, models, time).run();
                case VALIDATE -> new ValidateTask(context, models).run();
            };
        } catch (StaleAttempt | InterruptedException e) {
            throw e;
        } catch (Stopped e) {
            return Finish.of(task.attempt(), Outcome.STOPPED);
        } catch (Exception | OutOfMemoryError e) {
            if (DiskFull.is(e)) {
                return handBack(task, reporter);
            }
            // Whatever goes wrong in one job, the worker lives on and the job's owner is told.
            return Finish.failed(task.attempt(), TaskErrors.of(task, e));
        }
    }

    /**
     * Gives the task back where it stands, for this worker to go on when its disk has room, or for another one. It keeps it
     * for a while first, so that a task does not go round and round.
     */
    private Finish handBack(Task task, TaskReporter reporter) throws InterruptedException {
        LOG.error("The disk of {} is full: make room on it. {} waits", workDir.toAbsolutePath(), task.jobId());
        reporter.report(Event.message(
                Level.WARN, "The worker's disk is full. The job goes on when there is room, or on another worker."));
        long until = System.nanoTime() + retry.longest().toNanos();
        while (reporter.directive() == Directive.CONTINUE && System.nanoTime() < until) {
            Thread.sleep(LOOK_EVERY.toMillis());
        }
        return Finish.of(task.attempt(), Outcome.STOPPED);
    }
}
