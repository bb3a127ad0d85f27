package dev.tunegate.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.CapturedLog;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.SmallDisk;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.TestWorker.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway whose disk, or whose database's disk, is full: nothing is acknowledged that is not there, nothing stays behind. */
class FullDiskTest {
    private SmallDisk disk;
    private TestGateway gateway;
    private ApiClient client;

    @BeforeEach
    void start(@TempDir Path scratch) {
        disk = new SmallDisk(scratch);
        gateway = new TestGateway(GatewayOptions.in(disk.path()).withMinFreeBytes(disk.keptFree()));
        client = gateway.client();
    }

    @AfterEach
    void stop() {
        gateway.close();
        disk.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1_860, 60_000, 5_000_000})
    void anUploadIsRefusedAndTakenWhenThereIsRoom(int size) throws IOException {
        String content = "x".repeat(size);
        disk.fill();
        requireFull(client.upload("fine-tune", "a.jsonl", content));
        assertThat(stored()).isEmpty();
        assertThat(client.get("/v1/files").json().path("data")).isEmpty();

        disk.free();
        Answer taken = client.upload("fine-tune", "a.jsonl", content);
        assertThat(taken.status()).isEqualTo(200);
        assertThat(client.get("/v1/files/" + taken.json().path("id").asText() + "/content")
                        .body())
                .isEqualTo(content);
    }

    @Test
    void anUploadThatFillsTheDiskLeavesItAsItWas() throws IOException {
        String tooMuch = "x".repeat(50 << 20);
        requireFull(client.upload("fine-tune", "a.jsonl", tooMuch));
        assertThat(stored()).isEmpty();
        assertThat(client.upload("fine-tune", "a.jsonl", "{}").status()).isEqualTo(200);
    }

    @Test
    void aWorkersBytesAreRefusedAndTakenWhenThereIsRoom() throws IOException {
        TestWorker worker = gateway.worker("w", "base");
        String job = new JobClient(client).create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        List<Path> before = stored();
        disk.fill();
        requireFull(worker.tryUpload(task, "resume state"));
        assertThat(stored()).isEqualTo(before);

        disk.free();
        worker.checkpoint(task, 1);
        assertThat(worker.succeed(task).status()).isEqualTo(200);
        assertThat(client.get("/v1/fine_tuning/jobs/" + job)
                        .json()
                        .path("status")
                        .asText())
                .isEqualTo("succeeded");
    }

    @Test
    void aFullDiskOfTheDatabaseIsToldAsWellAndLeavesNothing() throws IOException {
        gateway.database().execute("""
                create function no_room() returns trigger language plpgsql as
                    $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
                create trigger no_room before insert on files for each row execute function no_room()""");
        try (CapturedLog log = new CapturedLog()) {
            requireFull(client.upload("fine-tune", "a.jsonl", "{}"));
            assertThat(log.text()).contains("for want of room on a disk");
        }
        assertThat(stored()).isEmpty();

        gateway.database().execute("drop trigger no_room on files");
        assertThat(client.upload("fine-tune", "a.jsonl", "{}").status()).isEqualTo(200);
    }

    /** The row may be there when the connection breaks: without its bytes it would be a file that cannot be read. */
    @Test
    void whereNobodyKnowsWhetherARowIsThereItsBytesStay() throws IOException {
        gateway.database().execute("""
                create function dies() returns trigger language plpgsql as
                    $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
                create trigger dies before insert on files for each row execute function dies()""");
        assertThat(client.upload("fine-tune", "a.jsonl", "{}").status()).isGreaterThanOrEqualTo(500);
        assertThat(stored()).hasSize(1);
    }

    private static void requireFull(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(507);
        assertThat(answer.error("code")).isEqualTo("storage_full");
        assertThat(answer.error("type")).isEqualTo("server_error");
        assertThat(answer.error("message")).contains("full", "send it again");
    }

    /** All files below the blobs' directory, parts of blobs too. */
    private List<Path> stored() throws IOException {
        try (Stream<Path> files = Files.walk(disk.path().resolve("blobs"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
