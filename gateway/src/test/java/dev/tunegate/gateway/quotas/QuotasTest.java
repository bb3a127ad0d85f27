package dev.tunegate.gateway.quotas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.ProjectLimits;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a project may keep, at two gateways that share a database; another project is never kept from its own. */
class QuotasTest {
    private static final int MOST_JOBS = 3;
    private static final int MOST_FILES = 4;
    private static final String JOBS = "/v1/fine_tuning/jobs";

    private Path blobs;
    private TestGateway gateway;
    private TestGateway neighbour;
    private ApiClient blue;
    private ApiClient blueThere;
    private ApiClient red;

    @BeforeEach
    void start(@TempDir Path directory) {
        ProjectLimits limits = new ProjectLimits(MOST_JOBS, MOST_FILES, 1, 10, 1000);
        blobs = directory.resolve("a").resolve("blobs");
        gateway = new TestGateway(GatewayOptions.in(directory.resolve("a")).withProjectLimits(limits));
        neighbour = gateway.beside(GatewayOptions.in(directory.resolve("b")).withProjectLimits(limits));
        gateway.worker("w", "base");
        String key = gateway.keyOf("blue");
        blue = gateway.client(key);
        blueThere = neighbour.client(key);
        red = gateway.clientOf("red");
    }

    @AfterEach
    void stop() {
        neighbour.close();
        gateway.close();
    }

    @Test
    void aJobBeyondTheLimitWaitsForAnotherToEnd() {
        String body = job(blue, "train");
        List<String> created = IntStream.range(0, MOST_JOBS)
                .mapToObj(i -> id(blue.post(JOBS, body)))
                .toList();
        Answer refused = blueThere.post(JOBS, body);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.error("code")).isEqualTo("rate_limit_exceeded");
        assertThat(refused.error("message"))
                .isEqualTo("This fine-tuning request has been rate-limited. Project blue has reached the maximum of 3"
                        + " jobs that have not ended. Wait for one to end, or cancel one.");
        assertThat(refused.header("retry-after")).isEqualTo("60");
        assertThat(refused.header("x-should-retry")).isEqualTo("false");
        assertThat(red.post(JOBS, job(red, "train")).status()).isEqualTo(200);

        blue.post(JOBS + "/" + created.get(1) + "/cancel", "");
        assertThat(blueThere.post(JOBS, body).status()).isEqualTo(200);
        assertThat(blueThere.post(JOBS, body).status()).isEqualTo(429);
        assertThat(gateway.database().count("jobs where project = 'blue'")).isEqualTo(MOST_JOBS + 1);
    }

    @Test
    void aRetryOfTheLastJobIsNoJobMore() {
        String body = job(blue, "train");
        blue.post(JOBS, body);
        blue.post(JOBS, body);
        String last = id(tryPost(blue, body, 0));
        assertThat(id(tryPost(blueThere, body, 1))).isEqualTo(last);
    }

    @Test
    void noneGetsInBesideTheLastOneHoweverManyAskAtOnce() {
        String body = job(blue, "train");
        List<Integer> statuses =
                atOnce(12, i -> (i % 2 == 0 ? blue : blueThere).post(JOBS, body).status());
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(MOST_JOBS);
        assertThat(statuses).filteredOn(status -> status == 429).hasSize(12 - MOST_JOBS);
        assertThat(gateway.database().count("jobs where project = 'blue'")).isEqualTo(MOST_JOBS);
    }

    @Test
    void aFileBeyondTheLimitWaitsUntilOneIsDeleted() throws IOException {
        List<Integer> statuses = atOnce(
                12,
                i -> (i % 2 == 0 ? blue : blueThere).upload("batch", "a", "x").status());
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(MOST_FILES);
        assertThat(statuses).filteredOn(status -> status == 429).hasSize(12 - MOST_FILES);

        Answer refused = blue.upload("batch", "a", "x");
        assertThat(refused.error("code")).isEqualTo("insufficient_quota");
        assertThat(refused.error("message")).contains("reached the maximum of 4 files. Delete files");
        assertThat(refused.header("x-should-retry")).isEqualTo("false");
        assertThat(red.upload("batch", "a", "x").status()).isEqualTo(200);

        String file = blue.get("/v1/files").json().at("/data/0/id").asText();
        blue.delete("/v1/files/" + file);
        assertThat(blueThere.upload("batch", "a", "x").status()).isEqualTo(200);
        assertThat(blue.upload("batch", "a", "x").status()).isEqualTo(429);
        assertThat(blobs()).as("what was refused has left no bytes").isLessThanOrEqualTo(MOST_FILES + 2);
    }

    @Test
    void theBytesOfAProjectsFilesAreLimitedToo() throws IOException {
        String large = "x".repeat(600 * 1024);
        String first = id(blue.upload("batch", "a", large));
        Answer refused = blue.upload("batch", "b", large);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.error("code")).isEqualTo("insufficient_quota");
        assertThat(refused.error("message")).contains("would keep more than the 1 MB");
        assertThat(blobs()).isEqualTo(1);
        assertThat(blue.upload("batch", "c", "small").status()).isEqualTo(200);
        blue.delete("/v1/files/" + first);
        assertThat(blueThere.upload("batch", "d", large).status()).isEqualTo(200);
    }

    @Test
    void filesThatExpireMakeRoom() {
        String boundary = "b";
        String form = Stream.of("purpose:batch", "expires_after[anchor]:created_at", "expires_after[seconds]:3600")
                        .map(field -> field.split(":"))
                        .map(field -> "--b\r\nContent-Disposition: form-data; name=\"" + field[0] + "\"\r\n\r\n"
                                + field[1] + "\r\n")
                        .reduce("", String::concat)
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n";
        for (int i = 0; i < MOST_FILES; i++) {
            assertThat(blue.form(boundary, form).status()).isEqualTo(200);
        }
        assertThat(blue.form(boundary, form).status()).isEqualTo(429);
        gateway.database().advance(Duration.ofHours(2));
        gateway.database().execute("update files set deleted_at = tunegate_now() where expires_at <= tunegate_now()");
        assertThat(blue.form(boundary, form).status()).isEqualTo(200);
    }

    private long blobs() throws IOException {
        try (Stream<Path> files = Files.list(blobs)) {
            return files.filter(file -> file.getFileName().toString().startsWith("blob-"))
                    .count();
        }
    }

    private static String job(ApiClient client, String suffix) {
        return JobClient.request("base", new JobClient(client).uploadFile())
                .put("suffix", suffix)
                .toString();
    }

    private static Answer tryPost(ApiClient client, String body, int number) {
        return client.send(
                "POST",
                JOBS,
                "application/json",
                BodyPublishers.ofString(body),
                "x-stainless-retry-count",
                Integer.toString(number));
    }

    private static String id(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("id").asText();
    }

    private static List<Integer> atOnce(int count, IntFunction<Integer> ask) {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<CompletableFuture<Integer>> asked = IntStream.range(0, count)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> ask.apply(i), threads))
                    .toList();
            return asked.stream().map(CompletableFuture::join).toList();
        } finally {
            threads.shutdown();
        }
    }
}
