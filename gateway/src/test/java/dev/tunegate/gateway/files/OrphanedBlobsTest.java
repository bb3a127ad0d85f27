package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.CapturedLog;
import dev.tunegate.gateway.config.ProjectLimits;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.db.TestDatabase;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.retries.CreateRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes whose gateway was killed before it had recorded them, and bytes that only look so. */
class OrphanedBlobsTest {
    private final Instant tomorrow = Instant.now().plus(Duration.ofDays(1)).plusSeconds(60);

    @TempDir
    private Path directory;

    private TestDatabase database;
    private BlobStore store;
    private OrphanedBlobs orphans;

    @BeforeEach
    void open() {
        database = new TestDatabase();
        store = await(DirectoryBlobStore.open(database.vertx(), directory, 0));
        orphans = new OrphanedBlobs(database.database(), store);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void blobsThatNothingNamesAreRemovedAfterADay() throws IOException {
        String orphan = write();
        await(orphans.remove(Instant.now()));
        assertThat(directory.resolve(orphan)).exists();
        await(orphans.remove(tomorrow));
        assertThat(directory.resolve(orphan)).doesNotExist();
    }

    @Test
    void whatAFileAModelOrAJobNamesStays() throws IOException {
        String file = write();
        String model = write();
        String resume = write();
        String deleted = write();
        file(file);
        database.insertJob("ftjob-000000000000000000000000", "p", "m");
        database.execute("""
                insert into models (id, project, job_id, base_model, adapter_blob, deleted_at)
                values ('ft:m', 'p', 'ftjob-000000000000000000000000', 'm', '%s', null),
                       ('ft:gone', 'p', 'ftjob-000000000000000000000000', 'm', '%s', tunegate_now());
                insert into job_blobs (id, project, job_id, bytes, sha256)
                values ('%s', 'p', 'ftjob-000000000000000000000000', 1, 's')""".formatted(model, deleted, resume));
        await(orphans.remove(tomorrow));
        for (String kept : new String[] {file, model, resume}) {
            assertThat(directory.resolve(kept)).exists();
        }
        assertThat(directory.resolve(deleted)).doesNotExist();
    }

    /** As when the database was lost, and a new one begun beside the bytes. */
    @Test
    void blobsThatAreOlderThanTheDatabaseStayAndTheLogSaysWhy() throws IOException {
        String old = write();
        String young = write();
        Files.setLastModifiedTime(
                directory.resolve(old), FileTime.from(Instant.now().minus(Duration.ofDays(30))));
        try (CapturedLog log = new CapturedLog()) {
            await(orphans.remove(tomorrow));
            assertThat(log.text())
                    .contains(
                            "2 stored blobs are unknown to the database",
                            "1 of them are older than the database",
                            "backup");
        }
        assertThat(directory.resolve(old)).exists();
        assertThat(directory.resolve(young)).exists();
    }

    /** As when a gateway was given another gateway's database. */
    @Test
    void aLargeShareOfAllBlobsStaysAndTheLogSaysWhy() throws IOException {
        List<String> unnamed = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            unnamed.add(write());
        }
        try (CapturedLog log = new CapturedLog()) {
            await(orphans.remove(tomorrow));
            assertThat(log.text())
                    .contains("11 stored blobs are unknown to the database", "more than one in 10", "by hand");
        }
        assertThat(unnamed).allSatisfy(id -> assertThat(directory.resolve(id)).exists());

        for (int i = 0; i < 99; i++) {
            file(write());
        }
        await(orphans.remove(tomorrow));
        assertThat(unnamed).allSatisfy(id -> assertThat(directory.resolve(id)).doesNotExist());
        assertThat(await(store.list())).hasSize(99);
    }

    /** As when the gateway was killed while it deleted what had expired. */
    @Test
    void theBytesOfDeletedFilesAreRemovedHoweverManyTheyAre() throws IOException {
        for (int i = 0; i < 12; i++) {
            file(write());
        }
        database.execute("update files set deleted_at = tunegate_now()");
        await(orphans.remove(tomorrow));
        assertThat(await(store.list())).isEmpty();
    }

    private void file(String blob) {
        await(new FileStore(database.database(), store)
                .create(
                        new CreateRequest("p", "", "s", null, null),
                        "fine-tune",
                        "a.jsonl",
                        new Blob(blob, 1, "0".repeat(64)),
                        null,
                        new ProjectQuotas(ProjectLimits.DEFAULT)));
    }

    private String write() throws IOException {
        String id = Ids.random("blob-", 32);
        Files.createFile(directory.resolve(id));
        return id;
    }
}
