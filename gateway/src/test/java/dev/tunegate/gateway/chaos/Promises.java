package dev.tunegate.gateway.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.chaos.PatientClient.Answer;
import dev.tunegate.gateway.db.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Whether clients find what they were told, and whether each model that was made answers. */
final class Promises {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOBS = "/v1/fine_tuning/jobs";
    /** Less than a job has, so that pages follow each other. */
    private static final int EVENTS_PER_PAGE = 20;

    private final PatientClient client;
    private final Ledger ledger;
    private final Records records;
    private final List<String> findings = new ArrayList<>();

    Promises(PatientClient client, Ledger ledger, Records records) {
        this.client = client;
        this.ledger = ledger;
        this.records = records;
    }

    List<String> findings() {
        ledger.uploads.forEach(this::requireBytes);
        ledger.jobs.forEach(this::requireEnd);
        records.column("select id from jobs").forEach(this::requireEvents);
        records.column("select fine_tuned_model from jobs where status = 'succeeded'")
                .forEach(this::requireAnswer);
        findings.addAll(ledger.complaints);
        return findings;
    }

    private void requireBytes(String file, String sha256) {
        Answer answer = client.get("/v1/files/" + file + "/content");
        if (answer.status() != 200 || !Sha256.hex(answer.body()).equals(sha256)) {
            findings.add("the upload of " + file + " was answered, and its content is " + answer.status() + " with "
                    + answer.body().length() + " other bytes");
        }
    }

    private void requireEnd(String order, String job) {
        Answer answer = client.get(JOBS + "/" + job);
        String status = answer.json().path("status").asText("unknown to the gateway");
        boolean isAsTold = switch (status) {
            case "cancelled" -> ledger.unwanted.contains(job);
            case "succeeded", "failed" -> !ledger.cancelled.contains(job);
            default -> false;
        };
        if (!isAsTold) {
            findings.add("what was told of " + job + " of " + order + " is not so: it is " + status);
        }
    }

    /** Page by page, each once and in order. */
    private void requireEvents(String job) {
        List<String> ids = new ArrayList<>();
        String after = "";
        JsonNode page;
        do {
            page = client.get(JOBS + "/" + job + "/events?limit=" + EVENTS_PER_PAGE + after)
                    .json();
            page.path("data").forEach(event -> ids.add(event.path("id").asText()));
            after = ids.isEmpty() ? "" : "&after=" + ids.get(ids.size() - 1);
        } while (page.path("has_more").asBoolean());
        Collections.reverse(ids);
        if (!ids.equals(records.column("select id from events where job_id = '" + job + "' order by seq"))) {
            findings.add("the pages of the events of " + job + " are not its events");
        }
    }

    private void requireAnswer(String model) {
        ObjectNode request = JSON.createObjectNode()
                .put("model", model)
                .put("temperature", 0)
                .put("max_completion_tokens", 4);
        request.putArray("messages").addObject().put("role", "user").put("content", "Say 3.");
        Answer answer = client.post("/v1/chat/completions", request.toString());
        if (answer.status() != 200) {
            findings.add(model + " does not answer: " + answer.status() + " " + answer.json());
        }
    }
}
