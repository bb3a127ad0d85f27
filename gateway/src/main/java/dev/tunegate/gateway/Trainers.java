package dev.tunegate.gateway;

import dev.tunegate.gateway.worker.Leases;
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

    /** Starts none yet, so that whoever starts them can stop those that were started before one failed. */
    Trainers() {}

    /**
     * Starts as many as the options say.
     *
     * @param token what they show the gateway
     * @param leases where the jobs of a trainer that has died are given back at once
     */
    void start(GatewayOptions options, URI gateway, String token, Leases leases) throws StartupFailure {
        String flavor = Objects.requireNonNullElse(System.getenv("PYTORCH_FLAVOR"), "");
        List<String> devices = TrainerDevices.of(
                options.trainers(), options.device(), () -> GpuList.ask(flavor, TrainerCommand.devices()));
        int threads = TrainerDevices.threads(devices, Runtime.getRuntime().availableProcessors());
        for (String device : devices) {
            processes.add(TrainerProcess.start(
                    "trainer-" + (processes.size() + 1),
                    TrainerCommand.worker(gateway, options, device, threads),
                    token,
                    workerId -> leases.release(workerId)
                            .onFailure(failure -> log.warn("The jobs of {} wait for its lease to run out", workerId))));
        }
    }

    void stop() throws InterruptedException {
        TrainerProcess.stop(processes);
    }
}
