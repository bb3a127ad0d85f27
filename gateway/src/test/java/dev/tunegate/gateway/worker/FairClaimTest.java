package dev.tunegate.gateway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.TestWorker.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Workers take turns over the projects, whoever has queued how much. */
class FairClaimTest extends OneWorkerFixture {
    private ApiClient blue;
    private ApiClient red;
    private ApiClient green;

    @BeforeEach
    void createKeys() {
        blue = gateway.clientOf("blue");
        red = gateway.clientOf("red");
        green = gateway.clientOf("green");
    }

    @Test
    void sixtyJobsOfOneProjectDelayAnothersOneJobByOneJob() {
        List<String> many = create(blue, 60);
        assertThat(train(worker)).isEqualTo(many.get(0));
        String one = create(red, 1).get(0);
        assertThat(train(worker)).isEqualTo(one);
        assertThat(train(worker)).isEqualTo(many.get(1));
        String another = create(red, 1).get(0);
        assertThat(train(worker)).isEqualTo(another);
        assertThat(train(worker)).isEqualTo(many.get(2));
    }

    @Test
    void checkingFilesIsFairToo() {
        JobClient many = new JobClient(blue);
        String file = many.uploadFile();
        List<String> queued = IntStream.range(0, 10)
                .mapToObj(i -> many.create(JobClient.request("base", file)))
                .toList();
        worker.mustClaim("validate");
        String one = new JobClient(red).create("base");
        assertThat(worker.mustClaim("validate").job()).isEqualTo(one);
        assertThat(worker.mustClaim("validate").job()).isEqualTo(queued.get(1));
    }

    @Test
    void projectsTakeTurnsAndWithinEachTheOldestIsFirst() {
        List<String> ofBlue = create(blue, 3);
        List<String> ofRed = create(red, 3);
        List<String> ofGreen = create(green, 2);
        List<String> order = new ArrayList<>();
        for (Optional<Task> task = worker.claim("train"); task.isPresent(); task = worker.claim("train")) {
            order.add(task.get().job());
            worker.succeed(task.get());
        }
        assertThat(order)
                .containsExactly(
                        ofBlue.get(0),
                        ofRed.get(0),
                        ofGreen.get(0),
                        ofBlue.get(1),
                        ofRed.get(1),
                        ofGreen.get(1),
                        ofBlue.get(2),
                        ofRed.get(2));
    }

    /** Else a project whose jobs take long would come to have all workers. */
    @Test
    void whoHasFewerAtWorkIsNextWhoeverWasLastServed() {
        TestWorker second = gateway.worker("second", "base");
        List<String> ofBlue = create(blue, 3);
        List<String> ofRed = create(red, 3);
        assertThat(worker.mustClaim("train").job()).isEqualTo(ofBlue.get(0)); // and takes long
        assertThat(train(second)).isEqualTo(ofRed.get(0));
        assertThat(train(second)).isEqualTo(ofRed.get(1));
        assertThat(train(second)).isEqualTo(ofRed.get(2));
        assertThat(train(second)).as("nobody else waits").isEqualTo(ofBlue.get(1));
    }

    @Test
    void aProjectThatWaitsForAnotherModelIsNotInTheWay() {
        gateway.worker("stranger", "another");
        JobClient jobsOfBlue = new JobClient(blue);
        jobsOfBlue.create("another");
        gateway.worker("stranger", "another").validate();
        String job = create(red, 1).get(0);
        assertThat(train(worker)).isEqualTo(job);
        assertThat(worker.claim("train")).isEmpty();
    }

    @Test
    void claimsAtTheSameTimeMissNothing() {
        create(blue, 10);
        create(red, 1);
        ExecutorService threads = Executors.newFixedThreadPool(11);
        try {
            List<CompletableFuture<Optional<Task>>> claims = IntStream.range(0, 11)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> worker.claim("train"), threads))
                    .toList();
            assertThat(claims.stream()
                            .map(CompletableFuture::join)
                            .flatMap(Optional::stream)
                            .map(Task::job)
                            .distinct())
                    .hasSize(11);
        } finally {
            threads.shutdown();
        }
    }

    /** Jobs of a project whose files are in order. */
    private List<String> create(ApiClient project, int count) {
        JobClient client = new JobClient(project);
        String file = client.uploadFile();
        List<String> created = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            created.add(client.create(JobClient.request("base", file)));
            worker.validate();
        }
        return created;
    }

    private static String train(TestWorker worker) {
        Task task = worker.mustClaim("train");
        assertThat(worker.succeed(task).status()).isEqualTo(200);
        return task.job();
    }
}
