package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that was killed left a trainer behind; the next one on its data directory takes over at once. */
class RestartTest {
    @TempDir
    private Path directory;

    @Test
    void theJobsOfAnEarlierTrainerGoOnAtOnceAndThoseOfOtherWorkersAreLeftAlone() throws IOException {
        Path dataDir = directory.resolve("killed");
        Files.createDirectories(dataDir);
        Files.writeString(dataDir.resolve("trainers"), "trainer-1-old\ntrainer-2-old");
        try (TestGateway other = new TestGateway(directory.resolve("other"))) {
            JobClient jobs = new JobClient(other.client());
            TestWorker old = other.worker("trainer-1-old", "base");
            TestWorker elsewhere = other.worker("elsewhere", "base");
            String job = jobs.create("base");
            old.validate();
            TestWorker.Task task = old.mustClaim("train");
            old.progress(task, 1);
            String others = jobs.create("base");
            elsewhere.validate();
            elsewhere.mustClaim("train");

            try (TestGateway restarted = other.beside(GatewayOptions.in(dataDir))) {
                assertThat(restarted.url()).isNotEqualTo(other.url());
                assertThat(jobs.status(job)).isEqualTo("queued");
                assertThat(jobs.status(others)).isEqualTo("running");
                assertThat(jobs.messages(job)).last().isEqualTo("The worker stopped answering; the job starts again");
                assertThat(old.progress(task, 1).error("code"))
                        .as("a trainer that lives on has lost its work")
                        .isEqualTo("stale_attempt");
                assertThat(elsewhere.mustClaim("train").job()).isEqualTo(job);
            }
        }
        assertThat(dataDir.resolve("trainers")).isEmptyFile();
    }

    @Test
    void aTrainerProcessThatHasOutlivedItsGatewayIsEnded() throws Exception {
        Process orphan = child("trainer-1-old");
        Process another = child("trainer-1-new");
        try {
            OrphanedTrainers.end(List.of("trainer-1-old", "trainer-1-older"));
            assertThat(orphan.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(another.isAlive()).isTrue();
        } finally {
            another.destroyForcibly();
        }
    }

    private Process child(String workerId) throws IOException {
        Path starts = Files.createTempFile(directory, "starts", ".txt");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TrainerProcessTest.Child.class.getName(),
                        starts.toString(),
                        TrainerProcess.WORKER_ID,
                        workerId)
                .start();
        Eventually.is(() -> child.isAlive() && size(starts) > 0, true);
        return child;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theListOutlivesWhoeverWritesIt() throws IOException {
        Path file = directory.resolve("trainers");
        TrainerList list = TrainerList.open(file);
        list.add("trainer-1-a");
        list.add("trainer-2-b");
        list.remove("trainer-1-a");
        assertThat(TrainerList.open(file).ids()).containsExactly("trainer-2-b");
    }
}
