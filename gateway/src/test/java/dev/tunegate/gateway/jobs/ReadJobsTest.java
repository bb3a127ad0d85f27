package dev.tunegate.gateway.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.db.Await;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadJobsTest {
    private TestGateway gateway;
    private TestWorker worker;
    private ApiClient client;
    private JobClient jobs;
    private String file;

    @BeforeEach
    void start(@TempDir Path directory) {
        gateway = new TestGateway(directory);
        worker = gateway.worker("w", "base");
        client = gateway.client();
        jobs = new JobClient(client);
        file = jobs.uploadFile();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void pagesThroughTheJobsNewestFirst() {
        assertThat(client.get("/v1/fine_tuning/jobs").body())
                .isEqualTo("{\"object\":\"list\",\"data\":[],\"has_more\":false}");
        List<String> created = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            created.add(jobs.create(JobClient.request("base", file)));
        }
        Collections.reverse(created);
        JsonNode first = client.get("/v1/fine_tuning/jobs?limit=2").json();
        assertThat(ids(first)).isEqualTo(created.subList(0, 2));
        assertThat(first.path("has_more").asBoolean()).isTrue();
        JsonNode rest = client.get("/v1/fine_tuning/jobs?limit=3&after=" + created.get(1))
                .json();
        assertThat(ids(rest)).isEqualTo(created.subList(2, 5));
        assertThat(rest.path("has_more").asBoolean()).isFalse();
        // The Java SDK asks once more, whatever has_more says.
        assertThat(client.get("/v1/fine_tuning/jobs?limit=3&after=" + created.get(4))
                        .body())
                .isEqualTo("{\"object\":\"list\",\"data\":[],\"has_more\":false}");
        assertThat(client.get("/v1/fine_tuning/jobs?limit=0").status()).isEqualTo(400);
    }

    @Test
    void findsJobsByTheirMetadata() {
        ObjectNode request = JobClient.request("base", file);
        String plain = jobs.create(request);
        request.putObject("metadata").put("team", "blue").put("run", "1");
        String blue1 = jobs.create(request);
        request.putObject("metadata").put("team", "blue").put("run", "2 & more");
        String blue2 = jobs.create(request);
        assertThat(ids(client.get("/v1/fine_tuning/jobs?metadata%5Bteam%5D=blue")
                        .json()))
                .containsExactly(blue2, blue1);
        assertThat(ids(client.get("/v1/fine_tuning/jobs?metadata%5Bteam%5D=blue&metadata%5Brun%5D=2%20%26%20more")
                        .json()))
                .containsExactly(blue2);
        assertThat(ids(client.get("/v1/fine_tuning/jobs?metadata%5Bteam%5D=red").json()))
                .isEmpty();
        assertThat(ids(client.get("/v1/fine_tuning/jobs?metadata=null").json())).containsExactly(plain);
        assertThat(ids(client.get("/v1/fine_tuning/jobs?metadata=").json())).containsExactly(plain);
    }

    @Test
    void pagesThroughEvents() {
        String job = jobs.create(JobClient.request("base", file));
        worker.validate();
        JsonNode newest =
                client.get("/v1/fine_tuning/jobs/" + job + "/events?limit=2").json();
        assertThat(newest.path("has_more").asBoolean()).isTrue();
        assertThat(newest.at("/data/0/message").asText()).isEqualTo("Files validated, moving job to queued state");
        JsonNode oldest = client.get("/v1/fine_tuning/jobs/" + job + "/events?limit=2&after="
                        + newest.at("/data/1/id").asText())
                .json();
        assertThat(oldest.path("has_more").asBoolean()).isFalse();
        assertThat(oldest.at("/data/0/message").asText()).startsWith("Created fine-tuning job");
        assertThat(client.get("/v1/fine_tuning/jobs/" + job + "/events?after="
                                + oldest.at("/data/0/id").asText())
                        .json()
                        .path("data"))
                .isEmpty();
    }

    @Test
    void aJobWithoutCheckpointsHasAnEmptyListOfThem() {
        String job = jobs.create(JobClient.request("base", file));
        assertThat(client.get("/v1/fine_tuning/jobs/" + job + "/checkpoints").body())
                .isEqualTo("{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,\"has_more\":false}");
    }

    @Test
    void unknownJobsAreNotFound() {
        for (String path : List.of("", "/events", "/checkpoints")) {
            Answer answer = client.get("/v1/fine_tuning/jobs/ftjob-none" + path);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.body())
                    .isEqualTo("{\"error\":{\"message\":\"Could not find fine tune: ftjob-none\","
                            + "\"type\":\"invalid_request_error\",\"param\":\"fine_tune_id\","
                            + "\"code\":\"fine_tune_not_found\"}}");
        }
        assertThat(jobs.cancel("ftjob-none").status()).isEqualTo(404);
    }

    @Test
    void anotherProjectsJobsDoNotExist() {
        String job = jobs.create(JobClient.request("base", file));
        Keys keys = new Keys(gateway.database().database());
        ApiClient other = gateway.client(
                Await.await(keys.create("other", "k", ApiKey.Kind.API)).secret());
        assertThat(other.get("/v1/fine_tuning/jobs").json().path("data")).isEmpty();
        assertThat(other.get("/v1/fine_tuning/jobs/" + job).status()).isEqualTo(404);
        assertThat(other.get("/v1/fine_tuning/jobs/" + job + "/events").status())
                .isEqualTo(404);
        assertThat(new JobClient(other).cancel(job).status()).isEqualTo(404);
        assertThat(new JobClient(other)
                        .tryCreate(JobClient.request("base", file))
                        .error("message"))
                .isEqualTo("invalid training_file: " + file);
    }

    private static List<String> ids(JsonNode list) {
        List<String> ids = new ArrayList<>();
        list.path("data").forEach(job -> ids.add(job.path("id").asText()));
        return ids;
    }
}
