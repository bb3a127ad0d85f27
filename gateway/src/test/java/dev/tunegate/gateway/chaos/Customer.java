package dev.tunegate.gateway.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import dev.tunegate.gateway.chaos.Order.Recipe;
import dev.tunegate.gateway.chaos.PatientClient.Answer;
import dev.tunegate.gateway.e2e.ChatLines;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Has one order done: uploads its file, creates its job, and does with it what the order wishes. */
final class Customer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final Set<String> FINAL = Set.of("succeeded", "failed", "cancelled");
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
    private static final int SEED = 7;
    private static final int RANK = 2;
    private static final int SDK_RETRIES = 12;
    private static final Duration SDK_TIMEOUT = Duration.ofSeconds(5);

    private final Order order;
    private final PatientClient client;
    private final URI gateway;
    private final Ledger ledger;

    /** @param gateway the one that the SDK knows */
    Customer(Order order, PatientClient client, URI gateway, Ledger ledger) {
        this.order = order;
        this.client = client;
        this.gateway = gateway;
        this.ledger = ledger;
    }

    void serve() {
        String lines = new String(ChatLines.of(order.recipe().lines), StandardCharsets.UTF_8);
        String file = new Uploader(client, ledger).upload(order.mark() + ".jsonl", lines);
        String job = order.isBySdk() ? createBySdk(file) : create(file);
        if (job == null) {
            return; // nobody knows whether there is one
        }
        ledger.jobs.put(order.mark(), job);
        switch (order.wish()) {
            case TRAIN -> {}
            case CANCEL -> cancel(job);
            case PAUSE_AND_RESUME -> {
                pause(job);
                PatientClient.pause(order.patience());
                resume(job);
            }
        }
    }

    private String create(String file) {
        Recipe recipe = order.recipe();
        ObjectNode request = JSON.createObjectNode().put("model", Cluster.MODEL).put("training_file", file);
        request.put("seed", SEED)
                .putObject("method")
                .put("type", "supervised")
                .putObject("supervised")
                .putObject("hyperparameters")
                .put("n_epochs", recipe.epochs)
                .put("batch_size", recipe.batch())
                .put("lora_r", RANK);
        request.putObject("metadata")
                .put("order", order.mark())
                .put("recipe", recipe.name())
                .put("steps", Integer.toString(recipe.steps()));
        Answer answer = client.post(JOBS, request.toString(), "idempotency-key", order.mark());
        return accepted("The creation", answer).path("id").asText();
    }

    /** The same by OpenAI's SDK, which has its own retries; null when it has given up. */
    private @Nullable String createBySdk(String file) {
        OpenAIClient sdk = OpenAIOkHttpClient.builder()
                .baseUrl(gateway.resolve("/v1").toString())
                .apiKey("none-needed-on-loopback")
                .maxRetries(SDK_RETRIES)
                .timeout(SDK_TIMEOUT)
                .build();
        Recipe recipe = order.recipe();
        try {
            return sdk.fineTuning()
                    .jobs()
                    .create(JobCreateParams.builder()
                            .model(Cluster.MODEL)
                            .trainingFile(file)
                            .seed(SEED)
                            .metadata(JobCreateParams.Metadata.builder()
                                    .putAdditionalProperty("order", JsonValue.from(order.mark()))
                                    .putAdditionalProperty("recipe", JsonValue.from(recipe.name()))
                                    .putAdditionalProperty("steps", JsonValue.from(Integer.toString(recipe.steps())))
                                    .build())
                            .method(JobCreateParams.Method.builder()
                                    .type(JobCreateParams.Method.Type.SUPERVISED)
                                    .supervised(SupervisedMethod.builder()
                                            .hyperparameters(SupervisedHyperparameters.builder()
                                                    .nEpochs(recipe.epochs)
                                                    .batchSize(recipe.batch())
                                                    .putAdditionalProperty("lora_r", JsonValue.from(RANK))
                                                    .build())
                                            .build())
                                    .build())
                            .build())
                    .id();
        } catch (OpenAIServiceException e) {
            if (e.statusCode() < 500 && e.statusCode() != 429) {
                ledger.complaints.add("The SDK was refused " + order.mark() + ": " + e);
            }
            return null;
        } catch (OpenAIException e) { // its tries have come to nothing
            return null;
        } finally {
            sdk.close();
        }
    }

    private void cancel(String job) {
        PatientClient.pause(order.patience());
        ledger.unwanted.add(job);
        if (client.post(JOBS + "/" + job + "/cancel", "").status() == 200) {
            ledger.cancelled.add(job);
        } else {
            requireFinal("cancelled", job); // it was faster, or the answer to the first try was lost
        }
    }

    private void pause(String job) {
        while (client.post(JOBS + "/" + job + "/pause", "").status() != 200) {
            if (FINAL.contains(status(job))) {
                return;
            }
            PatientClient.pause(BETWEEN_LOOKS); // until its files are checked
        }
    }

    private void resume(String job) {
        if (client.post(JOBS + "/" + job + "/resume", "").status() != 200
                && status(job).equals("paused")) {
            ledger.complaints.add(job + " is paused and was not resumed");
        }
    }

    private void requireFinal(String wish, String job) {
        String status = status(job);
        if (!FINAL.contains(status)) {
            ledger.complaints.add(job + " is " + status + " and was not " + wish);
        }
    }

    private String status(String job) {
        return accepted("Reading a job", client.get(JOBS + "/" + job))
                .path("status")
                .asText();
    }

    private JsonNode accepted(String what, Answer answer) {
        if (answer.status() != 200) {
            throw new AssertionError(
                    what + " of " + order.mark() + " was answered with " + answer.status() + " " + answer.body());
        }
        return answer.json();
    }
}
