package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.worker.GatewayException.Refused;
import dev.tunegate.trainer.worker.GatewayException.Unavailable;
import dev.tunegate.trainer.worker.Protocol.ClaimRequest;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for tasks of one kind and does them, one after another, until the worker stops. */
final class ClaimLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimLoop.class);

    private final GatewayClient gateway;
    private final Retry retry;
    private final Supplier<ClaimRequest> request;
    private final TaskHandler handler;

    /** Does a claimed task, its finish included. */
    interface TaskHandler {
        void handle(Task task) throws InterruptedException;
    }

    /** @param request made anew for each claim: models come and go */
    ClaimLoop(GatewayClient gateway, Retry retry, Supplier<ClaimRequest> request, TaskHandler handler) {
        this.gateway = gateway;
        this.retry = retry;
        this.request = request;
        this.handler = handler;
    }

    /**
     * Claims and does tasks until the thread is interrupted.
     *
     * @throws Refused when the gateway will not have this worker, for example for its token
     */
    void run() throws Refused, InterruptedException {
        while (true) {
            runOne();
        }
    }

    /** Waits for one task and does it. */
    void runOne() throws Refused, InterruptedException {
        Backoff backoff = retry.backoff();
        while (true) {
            try {
                Optional<Task> task = gateway.claim(request.get());
                backoff.reset();
                if (task.isPresent()) {
                    LOG.info(
                            "Claimed the {} task of {}",
                            task.get().kind(),
                            task.get().jobId());
                    handler.handle(task.get());
                    return;
                }
            } catch (Refused e) {
                throw e;
            } catch (Unavailable e) {
                LOG.warn("{}", e.getMessage());
                Thread.sleep(backoff.next().toMillis());
            } catch (GatewayException e) {
                throw new IllegalStateException("a claim names no attempt that could be stale", e);
            }
        }
    }
}
