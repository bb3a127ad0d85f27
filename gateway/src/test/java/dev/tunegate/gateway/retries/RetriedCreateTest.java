package dev.tunegate.gateway.retries;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.finetuning.jobs.JobCreateParams;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A create that is sent more than once, in every order, over two gateways that share a database. */
class RetriedCreateTest {
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final String TRY = "x-stainless-retry-count";

    @TempDir
    private static Path directory;

    private static TestGateway gateway;
    private static TestGateway neighbour;
    private static ApiClient here;
    private static ApiClient there;
    private static String file;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory.resolve("a"));
        neighbour = gateway.beside(GatewayOptions.in(directory.resolve("b")));
        here = gateway.client();
        there = neighbour.client();
        gateway.worker("w", "base");
        file = new JobClient(here).uploadFile();
    }

    @AfterAll
    static void stop() {
        neighbour.close();
        gateway.close();
    }

    @Test
    void aRetryFindsTheJobOfTheFirstTry() {
        String body = body("first, then retries");
        String job = create(here, body, 0);
        assertThat(create(there, body, 1)).isEqualTo(job);
        assertThat(create(here, body, 2)).isEqualTo(job);
        assertThat(create(here, body("another"), 1)).isNotEqualTo(job);
    }

    @Test
    void aFirstTryThatComesBehindItsRetryMakesNoSecondJob() {
        String body = body("retry, then first");
        String job = create(here, body, 1);
        assertThat(create(there, body, 0)).isEqualTo(job);
        assertThat(create(here, body, 2)).isEqualTo(job);
        assertThat(jobsLike("retry, then first")).isEqualTo(1);
    }

    /** The client has gone on with the job by then, and nobody waits for what is said to the late try. */
    @Test
    void aFirstTryThatComesWhenTheJobIsInUseMakesNoSecondJob() {
        String body = body("retry, use, first");
        String job = create(here, body, 1);
        assertThat(here.get(JOBS + "/" + job).status()).isEqualTo(200);
        Answer late = post(there, body, TRY, "0");
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.error("code")).isEqualTo("late_try");
        assertThat(jobsLike("retry, use, first")).isEqualTo(1);
    }

    @Test
    void aDeliberateSecondCreateBehindSuchAJobIsRepeatedByItsSdkAndGetsAJobOfItsOwn() {
        String job = create(here, sdkBody("seconds"), 1);
        here.get(JOBS + "/" + job);
        OpenAIClient sdk = OpenAIOkHttpClient.builder()
                .baseUrl(neighbour.url().resolve("/v1").toString())
                .apiKey("none-needed-on-loopback")
                .build();
        String second = sdk.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model("base")
                        .trainingFile(file)
                        .suffix("seconds")
                        .build())
                .id();
        assertThat(second).isNotEqualTo(job);
        assertThat(gateway.database().count("creates where subject = '" + second + "' and tries = '{1}'"))
                .as("its first try was refused, and the SDK has sent it again")
                .isEqualTo(1);
        assertThat(jobsLike("seconds")).isEqualTo(2);
    }

    @Test
    void twoCreatesOfTheSameAreTwoJobs() {
        String body = body("twice");
        String job = create(here, body, 0);
        assertThat(create(there, body, 0)).isNotEqualTo(job);
    }

    @Test
    void aSecondCreateThatArrivesAsARetryIsAJobOfItsOwnWhenTheFirstOneWasAnswered() {
        String body = body("answered");
        String job = create(here, body, 0);
        there.get(JOBS + "/" + job + "/events");
        assertThat(create(here, body, 1)).isNotEqualTo(job);
        assertThat(jobsLike("answered")).isEqualTo(2);
    }

    /** Whoever reads all jobs in a list knows the id without the answer. */
    @Test
    void anIdThatAListHasShownProvesNothing() {
        String body = body("listed");
        String job = create(here, body, 0);
        there.get(JOBS);
        there.get(JOBS + "/" + job);
        assertThat(create(here, body, 1)).isEqualTo(job);
    }

    @Test
    void aCancelledJobIsNobodysAnswer() {
        String body = body("cancelled");
        String job = create(here, body, 0);
        there.get(JOBS);
        there.post(JOBS + "/" + job + "/cancel", "");
        String second = create(here, body, 1);
        assertThat(second).isNotEqualTo(job);
        assertThat(new JobClient(here).status(second)).isEqualTo("validating_files");
    }

    @Test
    void aJobThatHasFailedIsStillTheAnswerToItsOwnRetry() {
        String body = body("failed");
        String job = create(here, body, 0);
        gateway.database().execute("""
                update jobs
                set status = 'failed', finished_at = tunegate_now(), error = '{"code": "c", "message": "m", "param": null}'
                where id = '%1$s';
                update tasks set state = 'failed', ended_at = tunegate_now() where subject = '%1$s'""".formatted(job));
        assertThat(create(there, body, 1)).isEqualTo(job);
    }

    @Test
    void bothTriesAtOnceAtTwoGatewaysAreOneJob() {
        for (int round = 0; round < 10; round++) {
            String body = body("at once " + round);
            CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> create(here, body, 0));
            CompletableFuture<String> retry = CompletableFuture.supplyAsync(() -> create(there, body, 1));
            assertThat(first.join()).isEqualTo(retry.join());
        }
    }

    @Test
    void aRetryOneHourLaterIsANewRequest() {
        String body = body("late");
        String job = create(here, body, 0);
        gateway.database().advance(Duration.ofMinutes(59));
        gateway.worker("w", "base");
        assertThat(create(here, body, 1)).isEqualTo(job);
        gateway.database().advance(Duration.ofMinutes(2));
        gateway.worker("w", "base");
        assertThat(create(here, body, 2)).isNotEqualTo(job);
        for (int i = 0; i < 20; i++) { // each forgets a few
            post(here, body);
        }
        assertThat(gateway.database().count("creates where subject = '" + job + "'"))
                .as("what nobody repeats any more is forgotten")
                .isZero();
    }

    @Test
    void withoutANumberEveryRequestIsANewOne() {
        String body = body("uncounted");
        Set<String> ids =
                IntStream.range(0, 3).mapToObj(i -> id(post(here, body))).collect(Collectors.toSet());
        assertThat(ids).hasSize(3);
    }

    @Test
    void anIdempotencyKeyStandsForOneRequestWhateverTheTry() {
        String body = body("keyed");
        String job = id(post(here, body, "Idempotency-Key", "key-1", TRY, "1"));
        here.get(JOBS + "/" + job);
        assertThat(id(post(there, body, "Idempotency-Key", "key-1", TRY, "0"))).isEqualTo(job);
        gateway.database().advance(Duration.ofDays(2));
        gateway.worker("w", "base");
        assertThat(id(post(there, body, "Idempotency-Key", "key-1"))).isEqualTo(job);
        assertThat(id(post(here, body, "Idempotency-Key", "key-2"))).isNotEqualTo(job);
        Answer reused = post(there, body("changed"), "Idempotency-Key", "key-1");
        assertThat(reused.status()).isEqualTo(400);
        assertThat(reused.error("code")).isEqualTo("idempotency_key_reused");
    }

    @Test
    void manyAtOnceWithOneKeyAreOneJob() {
        String body = body("crowd");
        List<CompletableFuture<String>> posts = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> id(post(i % 2 == 0 ? here : there, body, "Idempotency-Key", "crowd"))))
                .toList();
        assertThat(posts.stream().map(CompletableFuture::join).collect(Collectors.toSet()))
                .hasSize(1);
    }

    @Test
    void aRepeatedUploadIsOneFileInEveryOrder() {
        String content = "{\"messages\":[]}\n";
        String file = upload(here, content, TRY, "0");
        assertThat(upload(there, content, TRY, "1")).isEqualTo(file);
        assertThat(upload(here, content, TRY, "0")).isNotEqualTo(file);
        assertThat(upload(here, content + content, TRY, "1")).isNotEqualTo(file);

        String late = upload(here, content + "late", TRY, "1");
        assertThat(upload(there, content + "late", TRY, "0")).isEqualTo(late);
        assertThat(here.get("/v1/files/" + late + "/content").body()).isEqualTo(content + "late");
        assertThat(gateway.database().count("files where bytes = " + (content.length() + 4)))
                .isEqualTo(1);
    }

    @Test
    void uploadsOfBothTriesAtOnceAreOneFileWithItsBytes() {
        for (int round = 0; round < 10; round++) {
            String content = "round " + round;
            CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> upload(here, content, TRY, "0"));
            CompletableFuture<String> retry = CompletableFuture.supplyAsync(() -> upload(there, content, TRY, "1"));
            assertThat(first.join()).isEqualTo(retry.join());
        }
    }

    @Test
    void aDeletedFileIsNobodysAnswer() {
        String file = upload(here, "deleted", TRY, "0");
        here.delete("/v1/files/" + file);
        String again = upload(there, "deleted", TRY, "1");
        assertThat(again).isNotEqualTo(file);
        assertThat(there.get("/v1/files/" + again).status()).isEqualTo(200);
    }

    @Test
    void anUploadTakesAnIdempotencyKeyToo() {
        String file = upload(here, "keyed", "Idempotency-Key", "upload-1");
        assertThat(upload(here, "keyed", "Idempotency-Key", "upload-1")).isEqualTo(file);
        Answer reused = here.upload("fine-tune", "train.jsonl", "other", "Idempotency-Key", "upload-1");
        assertThat(reused.error("code")).isEqualTo("idempotency_key_reused");
        here.delete("/v1/files/" + file);
        Answer gone = here.upload("fine-tune", "train.jsonl", "keyed", "Idempotency-Key", "upload-1");
        assertThat(gone.status()).isEqualTo(400);
        assertThat(gone.error("message")).contains("is there no more. Use a new one.");
    }

    private static String body(String suffix) {
        return JobClient.request("base", file).put("suffix", suffix).toString();
    }

    /** As OpenAI's Java SDK writes it. */
    private static String sdkBody(String suffix) {
        return "{\"model\":\"base\",\"training_file\":\"" + file + "\",\"suffix\":\"" + suffix + "\"}";
    }

    private static String create(ApiClient client, String body, int number) {
        return id(post(client, body, TRY, Integer.toString(number)));
    }

    private static Answer post(ApiClient client, String body, String... headers) {
        return client.send("POST", JOBS, "application/json", BodyPublishers.ofString(body), headers);
    }

    private static String upload(ApiClient client, String content, String... headers) {
        return id(client.upload("fine-tune", "train.jsonl", content, headers));
    }

    private static String id(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonNode id = answer.json().path("id");
        assertThat(id.isTextual()).isTrue();
        return id.asText();
    }

    private static long jobsLike(String suffix) {
        return gateway.database().count("jobs where suffix = '" + suffix + "'");
    }
}
