package dev.tunegate.gateway.api;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.config.ConfigurationReader;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code that says gpt-4o-mini runs on a local model. */
class AliasTest {
    private static final String COMPLETION = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"
            + "\"model\":\"base\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ho\","
            + "\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

    @TempDir
    private Path directory;

    private TestGateway gateway;
    private ApiClient client;
    private JobClient jobs;
    private TestWorker worker;

    @BeforeEach
    void start() throws Exception {
        Path file = Files.writeString(directory.resolve("aliases.yaml"), """
                aliases:
                  gpt-4o-mini-2024-07-18: base
                  gpt-4o-mini: gpt-4o-mini-2024-07-18
                  gpt-4o: not-here
                """);
        gateway = new TestGateway(GatewayOptions.in(directory)
                .withRoutes(ConfigurationReader.read(file, Map.of()).routes()));
        client = gateway.client();
        jobs = new JobClient(client);
        worker = gateway.worker("w", "base");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aJobTrainsTheModelThatTheAliasStandsForAndHasItsName() {
        String id = jobs.create("gpt-4o-mini");
        assertThat(jobs.get(id).path("model").asText()).isEqualTo("base");
        worker.validate();
        TestWorker.Task task = worker.mustClaim("train");
        assertThat(task.job()).isEqualTo(id);
        assertThat(worker.succeed(task).status()).isEqualTo(200);
        String model = jobs.get(id).path("fine_tuned_model").asText();
        assertThat(model).startsWith("ft:base:default::");
        assertThat(jobs.get(jobs.create(model)).path("model").asText()).isEqualTo(model);
    }

    @Test
    void aRetriedCreateWithAnAliasFindsTheJobOfItsFirstTry() {
        String body = JobClient.request("gpt-4o-mini", jobs.uploadFile()).toString();
        String first = create(body, "0");
        assertThat(create(body, "1")).isEqualTo(first);
    }

    @Test
    void anAliasOfAModelThatNobodyHasIsAnErrorThatNamesIt() {
        Answer job = jobs.tryCreate(JobClient.request("gpt-4o", jobs.uploadFile()));
        assertThat(job.status()).isEqualTo(400);
        assertThat(job.error("code")).isEqualTo("model_not_available");
        assertThat(job.error("message")).contains("not-here");
        Answer chat = client.post("/v1/chat/completions", "{\"model\":\"gpt-4o\",\"messages\":[]}");
        assertThat(chat.status()).isEqualTo(404);
        assertThat(chat.error("message")).contains("not-here");
    }

    @Test
    void aChatRequestReachesTheWorkerWithTheModelsOwnNameAndItsAnswerHasTheAlias() {
        Vertx vertx = Vertx.vertx();
        try {
            AtomicReference<String> received = new AtomicReference<>("");
            HttpServer server = await(vertx.createHttpServer()
                    .requestHandler(request -> request.body().onSuccess(body -> {
                        received.set(body.toString());
                        request.response()
                                .putHeader("content-type", "application/json")
                                .end(COMPLETION);
                    }))
                    .listen(0, "127.0.0.1"));
            gateway.database()
                    .execute("update workers set inference_url = 'http://127.0.0.1:" + server.actualPort() + "'");
            Answer answer = client.post("/v1/chat/completions", """
                    {"seed":7, "model":"gpt-4o-mini","temperature":0.5,"messages":[{"role":"user","content":"hé"}]}""");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(COMPLETION.replace("\"base\"", "\"gpt-4o-mini\""));
            assertThat(received.get()).isEqualTo("""
                            {"seed":7,"model":"base","temperature":0.5,"messages":[{"role":"user","content":"hé"}]}""");
        } finally {
            await(vertx.close());
        }
    }

    @Test
    void aliasesOfModelsThatAreHereAreModelsThatCannotBeDeleted() {
        JsonNode list = client.get("/v1/models").json();
        assertThat(list.path("data").findValuesAsText("id"))
                .containsExactly("base", "gpt-4o-mini", "gpt-4o-mini-2024-07-18");
        JsonNode alias = client.get("/v1/models/gpt-4o-mini").json();
        assertThat(alias.path("id").asText()).isEqualTo("gpt-4o-mini");
        assertThat(alias.path("owned_by").asText()).isEqualTo("tunegate");
        assertThat(client.get("/v1/models/gpt-4o").status()).isEqualTo(404);
        Answer refused = client.delete("/v1/models/gpt-4o-mini");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.error("message")).contains("is an alias");
    }

    private String create(String body, String retries) {
        Answer answer = client.send(
                "POST",
                "/v1/fine_tuning/jobs",
                "application/json",
                BodyPublishers.ofString(body),
                "x-stainless-retry-count",
                retries);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("id").asText();
    }
}
