package dev.tunegate.gateway.worker;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.TestWorker.Task;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.tasks.TaskNotifier;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClaimTest extends OneWorkerFixture {
    @Test
    void manyWorkersAtOnceGetEveryTaskOnce() {
        List<String> created = new ArrayList<>();
        String file = jobs.uploadFile();
        for (int i = 0; i < 20; i++) {
            created.add(jobs.create(JobClient.request("base", file)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<CompletableFuture<List<String>>> claimers = IntStream.range(0, 8)
                    .mapToObj(i -> gateway.worker("w" + i, "base"))
                    .map(claimer -> CompletableFuture.supplyAsync(() -> claimAll(claimer), threads))
                    .toList();
            List<String> claimed = new ArrayList<>();
            claimers.forEach(claimer -> claimed.addAll(claimer.join()));
            assertThat(claimed).containsExactlyInAnyOrderElementsOf(created);
        } finally {
            threads.shutdown();
        }
    }

    /** A claim takes the task before the job, an order the job before the task: neither may wait for the other. */
    @Test
    void claimsAndClientsOrdersNeverLockEachOtherOut() {
        String file = jobs.uploadFile();
        List<String> created = IntStream.range(0, 20)
                .mapToObj(i -> jobs.create(JobClient.request("base", file)))
                .toList();
        created.forEach(job -> worker.validate());
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<CompletableFuture<Optional<Task>>> claims = new ArrayList<>();
            List<CompletableFuture<Integer>> cancels = new ArrayList<>();
            for (String job : created) {
                claims.add(CompletableFuture.supplyAsync(() -> worker.claim("train"), threads));
                cancels.add(CompletableFuture.supplyAsync(
                        () -> gateway.client()
                                .post("/v1/fine_tuning/jobs/" + job + "/cancel", "")
                                .status(),
                        threads));
            }
            claims.forEach(CompletableFuture::join);
            assertThat(cancels).extracting(CompletableFuture::join).containsOnly(200);
        } finally {
            threads.shutdown();
        }
        assertThat(created).allMatch(job -> jobs.status(job).equals("cancelled"));
    }

    @Test
    void theOldestJobComesFirst() {
        String first = jobs.create("base");
        String second = jobs.create("base");
        assertThat(worker.mustClaim("validate").job()).isEqualTo(first);
        assertThat(worker.mustClaim("validate").job()).isEqualTo(second);
    }

    @Test
    void theOldestJobTrainsFirstHoweverLongItsFilesTookToCheck() {
        String first = jobs.create("base");
        String second = jobs.create("base");
        Task large = worker.mustClaim("validate");
        worker.validate();
        worker.finish(large, "validated");
        assertThat(worker.mustClaim("train").job()).isEqualTo(first);
        assertThat(worker.mustClaim("train").job()).isEqualTo(second);
    }

    @Test
    void checkingFilesDoesNotWaitForTraining() {
        jobs.create("base");
        worker.validate();
        worker.mustClaim("train");
        String next = jobs.create("base");
        worker.validate();
        assertThat(jobs.status(next)).isEqualTo("queued");
    }

    @Test
    void aJobThatAnUpstreamTrainsIsForNoWorker() {
        gateway.database().execute("""
                insert into jobs (id, project, model, base_model, training_file, method, hyperparameters, seed, caller,
                                  request_sha256, upstream, status)
                select 'ftjob-00000000000000000000000' || number, 'default', 'base', 'base', 'file-1', 'supervised', '{}',
                       1, 'c', 's', 'openai', status
                from (values (1, 'validating_files'), (2, 'queued')) as job (number, status)""");
        assertThat(worker.claim("validate")).isEmpty();
        assertThat(worker.claim("train")).isEmpty();
    }

    @Test
    void aWorkerGetsJobsForItsOwnModelsOnly() {
        TestWorker stranger = gateway.worker("stranger", "another");
        jobs.create("base");
        assertThat(stranger.claim("validate")).isEmpty();
        assertThat(worker.claim("validate")).isPresent();
    }

    @Test
    void aWaitingWorkerIsWokenByANewJob() {
        CompletableFuture<Optional<Task>> waiting = CompletableFuture.supplyAsync(() -> worker.claim("validate", 30));
        String job = jobs.create("base");
        assertThat(waiting.join())
                .hasValueSatisfying(task -> assertThat(task.job()).isEqualTo(job));
    }

    @Test
    void aWorkerThatHasHungUpIsNotHandedATask() throws IOException {
        TestWorker gone = gateway.worker("gone", "base");
        gateway.database().execute("delete from workers");
        try (Socket socket = new Socket(gateway.url().getHost(), gateway.url().getPort())) {
            String body = gone.claimBody("validate", 60);
            String head = "POST /worker/v1/claim HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Authorization: Bearer " + gone.key() + "\r\nContent-Length: " + body.length() + "\r\n\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
            // The claim has made the model known.
            Eventually.is(
                    () -> jobs.tryCreate(JobClient.request("base", "none"))
                            .json()
                            .at("/error/message")
                            .asText(),
                    "invalid training_file: none");
        }
        worker.claim("validate");
        String job = jobs.create("base");
        assertThat(worker.claim("validate", 30).orElseThrow().job()).isEqualTo(job);
    }

    @Test
    void aTaskFoundForAWorkerThatHangsUpMeanwhileStaysInTheQueue() throws IOException {
        String job = jobs.create("base");
        Database database = gateway.database().database();
        TaskNotifier notifier = new TaskNotifier(gateway.database().vertx(), database);
        AtomicInteger looks = new AtomicInteger();
        ClaimRequest request = ClaimRequest.read(new ObjectMapper().readTree(worker.claimBody("validate", 30)));
        // There at the first look, gone when the task has been found.
        assertThat(await(new Claims(database, notifier).claim(request, () -> looks.getAndIncrement() > 0)))
                .isEmpty();
        await(notifier.close());
        Task task = worker.mustClaim("validate");
        assertThat(task.job()).isEqualTo(job);
        assertThat(task.attempt()).isEqualTo(2);
    }

    @Test
    void aTrainingFileDeletedBeforeTheStartFailsTheJob() {
        String file = jobs.uploadFile();
        String job = jobs.create(JobClient.request("base", file));
        worker.validate();
        String healthy = jobs.create("base");
        worker.validate();
        gateway.client().delete("/v1/files/" + file);
        assertThat(worker.mustClaim("train").job()).isEqualTo(healthy);
        JsonNode failed = jobs.get(job);
        assertThat(failed.path("status").asText()).isEqualTo("failed");
        assertThat(failed.path("error"))
                .hasToString(
                        "{\"code\":\"deleted_training_file\",\"message\":\"The job failed because the training file"
                                + " was deleted\",\"param\":\"training_file\"}");
        assertThat(jobs.messages(job)).doesNotContain("Fine-tuning job started");
    }

    @Test
    void aValidationFileDeletedBeforeTheCheckFailsTheJob() {
        String validation = jobs.uploadFile();
        String job = jobs.create(JobClient.request("base", jobs.uploadFile()).put("validation_file", validation));
        gateway.client().delete("/v1/files/" + validation);
        assertThat(worker.claim("validate")).isEmpty();
        assertThat(jobs.get(job).at("/error/code").asText()).isEqualTo("deleted_validation_file");
    }

    @Test
    void refusesClaimsThatSayTooLittle() {
        assertThat(worker.unchecked()
                        .client()
                        .post("/worker/v1/claim", "{\"worker_id\":\"w\"}")
                        .error("message"))
                .isEqualTo("invalid kind: missing, must be a string");
        assertThat(worker.unchecked()
                        .client()
                        .post("/worker/v1/claim", "{\"worker_id\":\"w\",\"kind\":\"dance\"}")
                        .error("message"))
                .isEqualTo("invalid kind: \"dance\", must be one of train, validate");
    }

    private static List<String> claimAll(TestWorker claimer) {
        List<String> claimed = new ArrayList<>();
        for (Optional<Task> task = claimer.claim("validate"); task.isPresent(); task = claimer.claim("validate")) {
            claimed.add(task.get().job());
        }
        return claimed;
    }
}
