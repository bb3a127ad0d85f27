package dev.tunegate.trainer.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs a class of the tests in a process of its own, for what a test cannot do to its own process. */
public final class ChildJvm {
    private ChildJvm() {}

    /** Small, and started soon. */
    private static final List<String> OPTIONS = List.of(
            "-DDJL_OFFLINE=true",
            "-Dai.djl.pytorch.num_threads=1",
            "-Dlogback.configurationFile=logback-trainer.xml",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m");

    /**
     * The lines that it prints until it ends.
     *
     * @param environment added to this process's, instead of its settings of malloc
     */
    public static List<String> run(Class<?> main, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(OPTIONS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Stream.of(arguments).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().remove("GLIBC_TUNABLES");
        builder.environment().putAll(environment);
        Process process = builder.start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
            lines.add("exit " + process.waitFor());
            return lines;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** A number of {@code /proc/self/status}, in bytes. */
    static long status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
