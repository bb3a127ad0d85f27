package dev.tunegate.gateway.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that a forwarded job leaves at its upstream, where they cannot be brought here at once. */
class ForwardedResultFilesTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String MODEL = "ft:gpt-4o-mini:org::AbCd1234";
    private static final String METRICS = "step,train_loss\n1,0.5\n";

    @TempDir
    private Path scratch;

    @Test
    void theyWaitForRoomOnTheDisk() throws IOException {
        try (SmallDisk disk = new SmallDisk(scratch);
                ForwardedJob forwarded = new ForwardedJob(disk.path(), TIMEOUT, disk.keptFree())) {
            String id = forwarded.createThere();
            List<Path> before = stored(disk.path());
            disk.fill();
            forwarded.upstream().succeed(MODEL, METRICS);
            forwarded.awaitTries(2);
            assertThat(stored(disk.path())).isEqualTo(before);
            assertThat(forwarded.jobs().status(id)).isNotIn("succeeded", "failed");

            disk.free();
            JsonNode done = forwarded.awaitStatus(id, "succeeded");
            String file = done.at("/result_files/0").asText();
            assertThat(forwarded.client().get("/v1/files/" + file + "/content").body())
                    .isEqualTo(METRICS);
        }
    }

    @Test
    void oneThatCannotBeFetchedLeavesNothingOfTheOthers() throws IOException {
        try (ForwardedJob forwarded = new ForwardedJob(scratch, TIMEOUT)) {
            String id = forwarded.createThere();
            List<Path> before = stored(scratch);
            FineTuningStub upstream = forwarded.upstream();
            upstream.files().put("file-second", METRICS);
            upstream.misbehaveAt(
                    "GET /files/file-second/content",
                    request -> request.response().setStatusCode(500).end());
            upstream.succeed(MODEL, METRICS);
            upstream.job().withArrayProperty("result_files").add("file-second");
            forwarded.awaitTries(2);
            assertThat(stored(scratch)).isEqualTo(before);

            upstream.behave();
            forwarded.awaitStatus(id, "succeeded");
            assertThat(stored(scratch)).hasSize(before.size() + 2);
        }
    }

    private static List<Path> stored(Path dataDir) throws IOException {
        try (Stream<Path> files = Files.walk(dataDir.resolve("blobs"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
