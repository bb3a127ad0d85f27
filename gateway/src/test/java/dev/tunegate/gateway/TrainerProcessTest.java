package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerProcessTest {
    private static final String TOKEN = "sk-tg-secret";

    @TempDir
    private Path directory;

    /** Plays the trainer: notes that it was started, dies the first time, and then waits for its input to end. */
    public static final class Child {
        private Child() {}

        public static void main(String[] args) throws IOException {
            Path starts = Path.of(args[0]);
            boolean first = !Files.exists(starts);
            String token = TOKEN.equals(System.getenv("TUNEGATE_WORKER_TOKEN")) ? "token" : "no token";
            Files.writeString(
                    starts,
                    (first ? "" : Files.readString(starts))
                            + String.join(" ", List.of(args).subList(1, 3)) + " " + token + "\n");
            if (first) {
                System.exit(3);
            }
            long read = System.in.transferTo(OutputStream.nullOutputStream());
            System.exit(read == 0 ? 0 : 1);
        }
    }

    @Test
    void aTrainerHasTheMallocThatTheLauncherFound() {
        assertThat(prepared(Map.of("TUNEGATE_MALLOC", "/lib/tcmalloc.so")))
                .containsEntry("LD_PRELOAD", "/lib/tcmalloc.so")
                .containsEntry("OMP_WAIT_POLICY", "PASSIVE");
        assertThat(prepared(Map.of("TUNEGATE_MALLOC", "/lib/tcmalloc.so", "LD_PRELOAD", "/lib/own.so")))
                .containsEntry("LD_PRELOAD", "/lib/own.so");
        assertThat(prepared(Map.of("TUNEGATE_MALLOC", ""))).doesNotContainKey("LD_PRELOAD");
        assertThat(prepared(Map.of())).doesNotContainKey("LD_PRELOAD");
    }

    @Test
    void aTrainersMallocIsSetOtherwiseThanTheGateways() {
        assertThat(prepared(Map.of("GLIBC_TUNABLES", "gateway's", "TUNEGATE_TRAINER_TUNABLES", "trainer's")))
                .containsEntry("GLIBC_TUNABLES", "trainer's");
        assertThat(prepared(Map.of("GLIBC_TUNABLES", "somebody's"))).containsEntry("GLIBC_TUNABLES", "somebody's");
    }

    private static Map<String, String> prepared(Map<String, String> given) {
        Map<String, String> environment = new HashMap<>(given);
        TrainerProcess.prepare(environment);
        return environment;
    }

    @Test
    void aTrainerThatDiesIsReportedAndStartedAgainUnderANewName() throws Exception {
        Path starts = directory.resolve("starts");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                starts.toString());
        List<String> begun = new CopyOnWriteArrayList<>();
        List<String> dead = new CopyOnWriteArrayList<>();
        TrainerProcess trainer = TrainerProcess.start("trainer-1", command, TOKEN, new TrainerProcess.Watcher() {
            @Override
            public void starts(String workerId) {
                begun.add(workerId);
            }

            @Override
            public void died(String workerId) {
                dead.add(workerId);
            }
        });
        Eventually.is(() -> lines(starts).size(), 2);

        List<ProcessHandle> children = ProcessHandle.current()
                .children()
                .filter(child -> commandLine(child).contains(starts.toString()))
                .toList();
        assertThat(children).hasSize(1);
        assertThat(commandLine(children.get(0))).doesNotContain(TOKEN);
        TrainerProcess.stop(List.of(trainer));
        assertThat(children.get(0).isAlive()).isFalse();

        assertThat(dead).hasSize(1);
        assertThat(begun).hasSize(2).startsWith(dead.get(0));
        assertThat(lines(starts).get(0)).isEqualTo("--worker-id " + dead.get(0) + " token");
        assertThat(lines(starts).get(1))
                .matches("--worker-id trainer-1-\\w{8} token")
                .doesNotContain(dead.get(0));
    }

    @Test
    void theCommandNamesGatewayAndModelsAndNoSecret() {
        GatewayOptions options =
                GatewayOptions.in(Path.of("/data")).withTrainers(1, List.of(Path.of("/m/a"), Path.of("/m/b")));
        assertThat(TrainerCommand.worker(URI.create("http://127.0.0.1:1"), options, "auto", 0))
                .containsSubsequence("dev.tunegate.trainer.cli.Main", "worker", "--exit-with-parent")
                .containsSubsequence("--gateway", "http://127.0.0.1:1")
                .containsSubsequence("--data-dir", "/data")
                .containsSubsequence("--models-dir", "/m/a:/m/b")
                .doesNotContain("--device", "--threads");
        assertThat(TrainerCommand.worker(URI.create("http://127.0.0.1:1"), options, "cuda:1", 4))
                .containsSubsequence("--device", "cuda:1")
                .containsSubsequence("--threads", "4");
    }

    private static String commandLine(ProcessHandle process) {
        // info().commandLine() is cut off where a class path is long; Linux keeps the whole.
        try {
            return Files.readString(
                    Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return process.info().commandLine().orElse("");
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
