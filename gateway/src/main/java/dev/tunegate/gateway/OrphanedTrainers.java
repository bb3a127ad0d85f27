package dev.tunegate.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of trainers whose gateway was killed, and which have not noticed it. */
final class OrphanedTrainers {
    private static final Logger log = LoggerFactory.getLogger(OrphanedTrainers.class);
    private static final Duration END_WITHIN = Duration.ofSeconds(10);

    private OrphanedTrainers() {}

    /** Ends those with these worker ids: they are of no more use, and the next trainers want their memory. */
    static void end(List<String> workerIds) {
        if (!workerIds.isEmpty()) {
            ProcessHandle.allProcesses()
                    .filter(process -> isOneOf(workerIds, process))
                    .forEach(OrphanedTrainers::end);
        }
    }

    /** Reads the whole command line: Java's own {@link ProcessHandle.Info} shows the first page of it only. */
    private static boolean isOneOf(List<String> workerIds, ProcessHandle process) {
        try {
            Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            List<String> arguments = Arrays.asList(
                    Files.readString(file, StandardCharsets.ISO_8859_1).split("\0", -1));
            int option = arguments.indexOf(TrainerProcess.WORKER_ID);
            return option >= 0 && option + 1 < arguments.size() && workerIds.contains(arguments.get(option + 1));
        } catch (IOException e) { // it has ended, or it is somebody else's
            return false;
        }
    }

    private static void end(ProcessHandle process) {
        log.warn("Ending the trainer {}, which an earlier gateway has left", process.pid());
        process.destroyForcibly();
        try {
            process.onExit().get(END_WITHIN.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) { // whatever it still says names a worker that has no lease any more
            log.warn("The trainer {} does not end", process.pid());
        }
    }
}
