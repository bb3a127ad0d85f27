package dev.tunegate.gateway;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a main class of ours runs as a process of its own, with this JVM's Java and class path. */
public final class ChildJvm {
    private ChildJvm() {}

    /**
     * Not started yet.
     *
     * @param options of the JVM itself
     */
    public static ProcessBuilder command(String mainClass, List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "-Dlogback.configurationFile=logback.xml", // not that of the tests
                "-Dtunegate.home=" + System.getProperty("tunegate.home"),
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }
}
