package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.config.ProjectLimits;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.db.TestDatabase;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.retries.CreateRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes whose gateway was killed before it had recorded them. */
class UnusedBlobsTest {
    private final Instant tomorrow = Instant.now().plus(Duration.ofDays(1)).plusSeconds(60);

    @TempDir
    private Path directory;

    private TestDatabase database;
    private BlobStore store;
    private UnusedBlobs unused;

    @BeforeEach
    void open() {
        database = new TestDatabase();
        store = await(DirectoryBlobStore.open(database.vertx(), directory));
        unused = new UnusedBlobs(database.database(), store);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void blobsThatNothingNamesAreRemovedAfterADay() throws IOException {
        String orphan = write();
        await(unused.removeOrphans(Instant.now()));
        assertThat(directory.resolve(orphan)).exists();
        await(unused.removeOrphans(tomorrow));
        assertThat(directory.resolve(orphan)).doesNotExist();
    }

    @Test
    void whatAFileAModelOrAJobNamesStays() throws IOException {
        String file = write();
        String model = write();
        String resume = write();
        String deleted = write();
        await(new FileStore(database.database(), store)
                .create(
                        new CreateRequest("p", "", "s", null, null),
                        "fine-tune",
                        "a.jsonl",
                        new Blob(file, 1, "0".repeat(64)),
                        null,
                        new ProjectQuotas(ProjectLimits.DEFAULT)));
        database.insertJob("ftjob-000000000000000000000000", "p", "m");
        database.execute("""
                insert into models (id, project, job_id, base_model, adapter_blob, deleted_at)
                values ('ft:m', 'p', 'ftjob-000000000000000000000000', 'm', '%s', null),
                       ('ft:gone', 'p', 'ftjob-000000000000000000000000', 'm', '%s', tunegate_now());
                insert into job_blobs (id, project, job_id, bytes, sha256)
                values ('%s', 'p', 'ftjob-000000000000000000000000', 1, 's')""".formatted(model, deleted, resume));
        await(unused.removeOrphans(tomorrow));
        for (String kept : new String[] {file, model, resume}) {
            assertThat(directory.resolve(kept)).exists();
        }
        assertThat(directory.resolve(deleted)).doesNotExist();
    }

    private String write() throws IOException {
        String id = Ids.random("blob-", 32);
        Files.createFile(directory.resolve(id));
        return id;
    }
}
