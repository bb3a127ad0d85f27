package dev.tunegate.gateway.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.CapturedLog;
import dev.tunegate.gateway.Eventually;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that are away, refuse, or answer nonsense: what it costs a job, and that our key stays here. */
class BadFineTuningHostTest {
    private static final String KEY = FineTuningStub.KEY;

    @TempDir
    private Path directory;

    private ForwardedJob forwarded;
    private FineTuningStub upstream;
    private CapturedLog log;

    @BeforeEach
    void start() {
        log = new CapturedLog();
        start("patient", Duration.ofMinutes(1));
    }

    private void start(String name, Duration timeout) {
        forwarded = new ForwardedJob(directory.resolve(name), timeout);
        upstream = forwarded.upstream();
    }

    /** For answers that do not come: all others are waited for, however slow this machine is. */
    private void waitForShort() {
        forwarded.close();
        start("impatient", Duration.ofSeconds(1));
    }

    @AfterEach
    void noKeyInTheLog() {
        forwarded.close();
        log.close();
        assertThat(log.text()).doesNotContain(KEY);
    }

    @Test
    void anUpstreamThatIsAwayCostsNothingButTime() {
        upstream.stop();
        String id = forwarded.create();
        forwarded.awaitMessage(id, "The upstream 'stub' takes no connections.");
        forwarded.awaitTries(7);
        assertThat(forwarded.jobs().status(id)).isEqualTo("validating_files");
        upstream.startAgain();
        forwarded.await(id, "/tunegate/job_id", "ftjob-there");
        upstream.stop();
        forwarded.awaitTries(3);
        upstream.startAgain();
        upstream.status("running");
        forwarded.awaitStatus(id, "running");
        assertThat(forwarded.messages(id))
                .containsSubsequence(
                        "The upstream 'stub' takes no connections. It is tried again until it works.",
                        "The upstream 'stub' answers again",
                        "The upstream 'stub' takes no connections. It is tried again until it works.",
                        "The upstream 'stub' answers again")
                .filteredOn(message -> message.contains("takes no connections"))
                .hasSize(2);
    }

    @Test
    void whatItRefusesFailsTheJobInItsWords() {
        upstream.misbehaveAt(
                "POST /fine_tuning/jobs",
                request -> FineTuningStub.json(
                        request, 400, FineTuningStub.error("gpt-4o-mini cannot be tuned by " + KEY, "model")));
        JsonNode job = forwarded.awaitStatus(forwarded.create(), "failed");
        assertThat(job.at("/error/message").asText()).isEqualTo("gpt-4o-mini cannot be tuned by ****");
        assertThat(job.at("/error/code").asText()).isEqualTo("their_code");
        assertThat(job.at("/error/param").asText()).isEqualTo("model");
        forwarded.assertNothingLeftToDo();
    }

    @Test
    void aFailureThereIsAFailureHere() {
        String id = forwarded.createThere();
        upstream.event("error", "no good: " + KEY, null);
        upstream.job()
                .putObject("error")
                .put("code", "invalid_training_file")
                .put("message", "bad line, " + KEY)
                .put("param", "training_file");
        upstream.status("failed");
        JsonNode job = forwarded.awaitStatus(id, "failed");
        assertThat(job.path("error").toString())
                .isEqualTo("{\"code\":\"invalid_training_file\",\"message\":\"bad line, ****\","
                        + "\"param\":\"training_file\"}");
        assertThat(forwarded.messages(id)).endsWith("no good: ****");
    }

    @Test
    void aRefusedKeyFailsAJobThatIsNotThereYet() {
        upstream.misbehaveAt(
                "POST /files",
                request -> FineTuningStub.json(
                        request, 401, FineTuningStub.error("Incorrect API key provided: " + KEY, null)));
        JsonNode job = forwarded.awaitStatus(forwarded.create(), "failed");
        assertThat(job.at("/error/code").asText()).isEqualTo("upstream_auth");
        assertThat(job.at("/error/message").asText())
                .startsWith("The upstream 'stub' refuses the key that this gateway has for it")
                .doesNotContain(KEY);
    }

    @Test
    void aRefusedKeyIsWaitedForOnceTheJobIsThere() {
        String id = forwarded.createThere();
        upstream.misbehaveAt("GET /", request -> FineTuningStub.json(request, 401, FineTuningStub.error("no", null)));
        forwarded.awaitMessage(id, "The upstream 'stub' refuses the key");
        forwarded.awaitTries(7);
        upstream.behave();
        upstream.status("running");
        forwarded.awaitStatus(id, "running");
    }

    @Test
    void nonsenseTimeAndAgainFailsTheJob() {
        expectFailure(
                "html",
                request -> request.response()
                        .putHeader("content-type", "text/html")
                        .end("<h1>It works! Bearer " + KEY + "</h1>"),
                "no JSON object");
        expectFailure("broken JSON", request -> request.response().end("{\"id\":"), "no JSON object");
        expectFailure(
                "an error instead",
                request -> request.response().end("{\"error\":{\"message\":\"overloaded " + KEY + "\"}}"),
                "overloaded ****");
        expectFailure(
                "a redirect",
                request -> request.response()
                        .setStatusCode(302)
                        .putHeader("location", upstream.url())
                        .end(),
                "a redirect (302)");
        expectFailure(
                "another status",
                request -> request.response().end("{\"id\":\"ftjob-x\",\"status\":\"dancing\"}"),
                "a job of the status 'dancing'");
        expectFailure(
                "a wild id",
                request -> request.response().end("{\"id\":\"../../etc\",\"status\":\"queued\"}"),
                "a job without an id");
    }

    private void expectFailure(String what, Consumer<HttpServerRequest> nonsense, String words) {
        upstream.misbehaveAt("POST /fine_tuning/jobs", nonsense);
        JsonNode job = forwarded.awaitStatus(forwarded.create(), "failed");
        assertThat(job.at("/error/message").asText()).as(what).contains(words).doesNotContain(KEY);
        assertThat(job.at("/error/code").asText()).as(what).isIn("upstream_invalid", "upstream_error");
    }

    @Test
    void aSlowAnswerIsNotWaitedForAndTriedAgain() {
        waitForShort();
        String id = forwarded.createThere();
        upstream.misbehaveAt("GET /fine_tuning", request -> {});
        forwarded.awaitMessage(id, "The upstream 'stub' did not answer within 1 s");
        upstream.behave();
        upstream.status("running");
        forwarded.awaitStatus(id, "running");
    }

    @Test
    void anAnswerWithoutEndIsNotReadToItsEnd() {
        waitForShort();
        String id = forwarded.createThere();
        upstream.misbehaveAt("GET /fine_tuning", request -> {
            request.response().setChunked(true);
            upstream.vertx().setPeriodic(10, tick -> request.response().write(" "));
        });
        forwarded.awaitMessage(id, "The upstream 'stub' did not answer within 1 s");
    }

    @Test
    void aHostThatAsksToWaitIsLeftAlone() {
        upstream.misbehaveAt("POST /files", request -> {
            request.response().putHeader("retry-after", "3000");
            FineTuningStub.json(request, 429, FineTuningStub.error("slow down", null));
        });
        String id = forwarded.create();
        Eventually.is(() -> forwarded.messages(id).size(), 3);
        assertThat(forwarded.secondsUntilNextVisit()).isBetween(2_900L, 3_000L);
        upstream.behave();
        forwarded.await(id, "/tunegate/job_id", "ftjob-there");
    }

    @Test
    void aNameThatIsOurKeyIsNonsense() {
        String id = forwarded.createThere();
        upstream.succeed("ft:gpt-4o-mini:" + KEY, "step,train_loss\n");
        JsonNode job = forwarded.awaitStatus(id, "failed");
        assertThat(job.at("/error/code").asText()).isEqualTo("upstream_invalid");
        assertThat(job.toString()).doesNotContain(KEY);
    }

    @Test
    void aResultFileThatRepeatsOurKeyIsKeptWithoutIt() {
        String id = forwarded.createThere();
        upstream.succeed("ft:gpt-4o-mini:org::AbCd1234", "step,key\n1," + KEY + "\n");
        JsonNode job = forwarded.awaitStatus(id, "succeeded");
        String file = job.at("/result_files/0").asText();
        assertThat(forwarded.client().get("/v1/files/" + file + "/content").body())
                .isEqualTo("step,key\n1,****\n");
    }

    @Test
    void oddEventsAndNumbersHarmNobody() {
        String id = forwarded.createThere();
        upstream.event("shouting", "bell\u0007 and \u0000 nothing", null);
        upstream.job().put("trained_tokens", -5).put("estimated_finish", Long.MAX_VALUE);
        upstream.checkpoint(1, "ft:gpt-4o-mini:org::aaaaaaaa:ckpt-step-1", Double.POSITIVE_INFINITY);
        upstream.status("running");
        forwarded.awaitStatus(id, "running");
        assertThat(forwarded.messages(id)).endsWith("bell  and   nothing");
        assertThat(forwarded.jobs().checkpoints(id).get(0).path("metrics").toString())
                .isEqualTo("{\"step\":1}");
    }
}
