package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher {@code tunegate}, with a stand-in for Java that dies as it is told: a line of a file for each start. */
class LauncherTest {
    /** Waits for its end as a gateway does: a signal ends it with the status that Java would have. */
    private static final String SERVES = "serves";

    private static final String STAND_IN = """
            #!/usr/bin/env bash
            if [[ $1 == -XshowSettings* ]]; then
                echo '    java.specification.version = 17' >&2
                exit 0
            fi
            echo "${@: -1}" >> "$PLAN.starts"
            act=$(sed -n "$(wc -l < "$PLAN.starts")p" "$PLAN")
            case $act in
                serves)
                    trap 'exit 143' TERM
                    while true; do sleep 0.05; done
                    ;;
                -*) kill "$act" $$ ;;
                *) exit "$act" ;;
            esac
            """;

    @TempDir
    private Path directory;

    private Path plan = Path.of("");
    private @Nullable Process launcher;

    @BeforeEach
    void copyTheLauncher() throws IOException {
        // A copy without sources beside it: the launcher takes itself for an installed one and builds nothing.
        Files.copy(Path.of(System.getProperty("tunegate.home"), "tunegate"), directory.resolve("tunegate"));
        Files.createDirectories(directory.resolve("jdk/bin"));
        for (Path script : List.of(directory.resolve("tunegate"), directory.resolve("jdk/bin/java"))) {
            if (!Files.exists(script)) {
                Files.writeString(script, STAND_IN);
            }
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        plan = directory.resolve("plan");
    }

    @AfterEach
    void end() {
        if (launcher != null) {
            launcher.descendants().forEach(ProcessHandle::destroyForcibly);
            launcher.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3, ran out of memory",
        "-9, was killed with signal 9",
        "-SEGV, ended with status 139",
        "7, ended with status 7"
    })
    void aGatewayThatDiesIsStartedAgain(String death, String reason) throws Exception {
        launch("serve", death, SERVES);
        awaitStarts(2);
        assertThat(stopWith("TERM")).isEqualTo(143);
        assertThat(errors()).contains("tunegate: the gateway " + reason).contains("Starting it again in 1 s.");
        assertThat(starts()).hasSize(2);
    }

    @Test
    void eachTimeLaterThanTheTimeBefore() throws Exception {
        launch("serve", "-9", "-9", SERVES);
        awaitStarts(3);
        stopWith("TERM");
        assertThat(errors()).containsSubsequence("again in 1 s.", "again in 2 s.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "-TERM"})
    void oneThatHasEndedByItselfOrByASignalToEndStaysDown(String end) throws Exception {
        launch("serve", end, SERVES);
        assertThat(launcher().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher().exitValue()).isEqualTo(end.equals("-TERM") ? 143 : Integer.parseInt(end));
        assertThat(starts()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalToTheLauncherStopsTheGatewayAndThenTheLauncher(String signal) throws Exception {
        launch("serve", SERVES);
        awaitStarts(1);
        assertThat(stopWith(signal)).isEqualTo(143);
        assertThat(starts()).hasSize(1);
        assertThat(errors()).doesNotContain("Starting it again");
    }

    @Test
    void aSignalEndsThePauseToo() throws Exception {
        launch("serve", "-9", "-9", "-9", "-9", SERVES);
        awaitStarts(3); // the next pause takes four seconds
        Eventually.until(Duration.ofSeconds(20), "it pauses", this::errors, text -> text.contains("again in 4 s."));
        long begin = System.nanoTime();
        stopWith("TERM");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
        assertThat(starts()).hasSize(3);
    }

    @Test
    void otherCommandsAreRunOnce() throws Exception {
        launch("keys", "3", SERVES);
        assertThat(launcher().waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher().exitValue()).isEqualTo(3);
        assertThat(starts()).hasSize(1);
    }

    private void launch(String command, String... acts) throws IOException {
        Files.write(plan, List.of(acts));
        // Whatever this JVM's own parent ignores (nohup does HUP, a shell INT in the background), the launcher is to
        // hear.
        ProcessBuilder builder = new ProcessBuilder(
                "env", "--default-signal=HUP,INT", directory.resolve("tunegate").toString(), command);
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        builder.environment().put("PLAN", plan.toString());
        builder.environment().put("TUNEGATE_MALLOC", "");
        launcher = builder.redirectError(directory.resolve("errors").toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private Process launcher() {
        return Objects.requireNonNull(launcher);
    }

    private int stopWith(String signal) throws Exception {
        new ProcessBuilder("kill", "-s", signal, Long.toString(launcher().pid()))
                .start()
                .waitFor();
        assertThat(launcher().waitFor(20, TimeUnit.SECONDS)).isTrue();
        return launcher().exitValue();
    }

    private void awaitStarts(int count) {
        Eventually.until(Duration.ofSeconds(30), count + " starts", this::starts, lines -> lines.size() >= count);
    }

    private List<String> starts() {
        try {
            Path log = Path.of(plan + ".starts");
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String errors() {
        try {
            return Files.readString(directory.resolve("errors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
