package dev.tunegate.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks a trainer which GPUs there are: the gateway has no libtorch. */
final class GpuList {
    private static final Pattern GPU = Pattern.compile("(cuda:\\d+)\\b.*");
    private static final long SECONDS = 120;

    private GpuList() {}

    /**
     * Runs the trainer's command {@code devices}.
     *
     * @param flavor which libtorch is used; that of the CPU needs no asking
     */
    static List<String> ask(String flavor, List<String> command) throws StartupFailure {
        if (!flavor.startsWith("cu")) {
            return List.of();
        }
        List<String> gpus = new ArrayList<>();
        List<String> said = new ArrayList<>();
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).exceptionally(late -> process.destroyForcibly());
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    said.add(line);
                    Matcher gpu = GPU.matcher(line);
                    if (gpu.matches()) {
                        gpus.add(gpu.group(1));
                    }
                }
            }
            if (process.waitFor() != 0) {
                String last = said.isEmpty() ? "nothing" : said.get(said.size() - 1);
                throw new StartupFailure(
                        "The trainer cannot list the GPUs; it says: " + last
                                + ". --device cpu, or --trainers 1 with --device cuda:0, goes on without.",
                        null);
            }
            return gpus;
        } catch (IOException e) {
            throw new StartupFailure("The trainer's command 'devices' does not run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupFailure("Interrupted while the trainer lists the GPUs", e);
        }
    }
}
