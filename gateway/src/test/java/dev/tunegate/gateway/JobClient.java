package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient.Answer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Creates and reads jobs as a client does. */
public final class JobClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOBS = "/v1/fine_tuning/jobs";

    private final ApiClient client;

    public JobClient(ApiClient client) {
        this.client = client;
    }

    public String uploadFile() {
        return client.upload("fine-tune", "train.jsonl", "{\"messages\":[]}\n")
                .json()
                .path("id")
                .asText();
    }

    public static ObjectNode request(String model, String file) {
        return JSON.createObjectNode().put("model", model).put("training_file", file);
    }

    public Answer tryCreate(JsonNode request) {
        return client.post(JOBS, request.toString());
    }

    /** The id of a new job. */
    public String create(JsonNode request) {
        Answer answer = tryCreate(request);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("id").asText();
    }

    public String create(String model) {
        return create(request(model, uploadFile()));
    }

    public JsonNode get(String job) {
        Answer answer = client.get(JOBS + "/" + job);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    public String status(String job) {
        return get(job).path("status").asText();
    }

    public Answer cancel(String job) {
        return client.post(JOBS + "/" + job + "/cancel", "");
    }

    public Answer pause(String job) {
        return client.post(JOBS + "/" + job + "/pause", "");
    }

    public Answer resume(String job) {
        return client.post(JOBS + "/" + job + "/resume", "");
    }

    /** Oldest first. */
    public List<JsonNode> events(String job) {
        List<JsonNode> events = new ArrayList<>();
        client.get(JOBS + "/" + job + "/events?limit=1000").json().path("data").forEach(events::add);
        Collections.reverse(events);
        return events;
    }

    /** Oldest first. */
    public List<String> messages(String job) {
        return events(job).stream().map(event -> event.path("message").asText()).toList();
    }

    /** The newest step first. */
    public List<JsonNode> checkpoints(String job) {
        List<JsonNode> checkpoints = new ArrayList<>();
        client.get(JOBS + "/" + job + "/checkpoints").json().path("data").forEach(checkpoints::add);
        return checkpoints;
    }
}
