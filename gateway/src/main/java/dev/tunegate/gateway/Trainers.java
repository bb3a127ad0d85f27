package dev.tunegate.gateway;

import dev.tunegate.gateway.worker.Leases;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The trainers that run as this gateway's child processes, one for each device. */
final class Trainers {
    private static final Logger log = LoggerFactory.getLogger(Trainers.class);

    private final List<TrainerProcess> processes = new ArrayList<>();
    private final TrainerList list;
    private final Leases leases;

    /**
     * Starts none yet, so that whoever starts them can stop those that were started before one failed.
     *
     * @param list has those that run, for a gateway that comes after this one
     * @param leases where the jobs of a trainer that has died are given back at once
     */
    Trainers(TrainerList list, Leases leases) {
        this.list = list;
        this.leases = leases;
    }

    /**
     * Starts as many as the options say, when those that an earlier gateway has left are gone.
     *
     * @param token what they show the gateway
     */
    void start(GatewayOptions options, URI gateway, String token) throws StartupFailure {
        OrphanedTrainers.end(list.ids());
        list.ids().forEach(this::giveBack);
        String flavor = Objects.requireNonNullElse(System.getenv("PYTORCH_FLAVOR"), "");
        List<String> devices = TrainerDevices.of(
                options.trainers(), options.device(), () -> GpuList.ask(flavor, TrainerCommand.devices()));
        int threads = TrainerDevices.threads(devices, Runtime.getRuntime().availableProcessors());
        for (String device : devices) {
            processes.add(TrainerProcess.start(
                    "trainer-" + (processes.size() + 1),
                    TrainerCommand.worker(gateway, options, device, threads),
                    token,
                    new Watch()));
        }
    }

    private final class Watch implements TrainerProcess.Watcher {
        @Override
        public void starts(String workerId) throws IOException {
            list.add(workerId);
        }

        @Override
        public void died(String workerId) {
            giveBack(workerId);
        }
    }

    /** Has the jobs of a trainer that is dead go on at once. */
    private void giveBack(String workerId) {
        try {
            Await.result(leases.release(workerId));
            list.remove(workerId);
        } catch (Exception e) { // the lease runs out by itself
            log.warn("The jobs of {} wait for its lease to run out: {}", workerId, e.toString());
        }
    }

    void stop() throws InterruptedException {
        TrainerProcess.stop(processes);
    }
}
