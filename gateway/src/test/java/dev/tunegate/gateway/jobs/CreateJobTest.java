package dev.tunegate.gateway.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateJobTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path directory;

    private static TestGateway gateway;
    private static ApiClient client;
    private static JobClient jobs;
    private static String file;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory);
        client = gateway.client();
        jobs = new JobClient(client);
        gateway.worker("w", "base");
        file = jobs.uploadFile();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void answersWithTheJobInOpenAisOrder() {
        ObjectNode request =
                JobClient.request("base", file).put("suffix", "mine").put("seed", 7);
        request.putObject("metadata").put("team", "blue");
        Answer answer = jobs.tryCreate(request);
        assertThat(answer.status()).isEqualTo(200);
        JsonNode job = answer.json();
        assertThat(answer.body())
                .isEqualTo("{\"object\":\"fine_tuning.job\",\"id\":\""
                        + job.path("id").asText()
                        + "\",\"model\":\"base\",\"created_at\":"
                        + job.path("created_at").asLong()
                        + ",\"finished_at\":null,\"fine_tuned_model\":null,\"organization_id\":\""
                        + job.path("organization_id").asText()
                        + "\",\"result_files\":[],\"status\":\"validating_files\",\"validation_file\":null,"
                        + "\"training_file\":\"" + file + "\",\"hyperparameters\":{\"n_epochs\":\"auto\","
                        + "\"batch_size\":\"auto\",\"learning_rate_multiplier\":\"auto\"},\"trained_tokens\":null,"
                        + "\"error\":null,\"user_provided_suffix\":\"mine\",\"seed\":7,\"estimated_finish\":null,"
                        + "\"integrations\":[],\"metadata\":{\"team\":\"blue\"},\"usage_metrics\":null,"
                        + "\"shared_with_openai\":false,\"eval_id\":null,\"method\":{\"type\":\"supervised\","
                        + "\"supervised\":{\"hyperparameters\":{\"n_epochs\":\"auto\",\"batch_size\":\"auto\","
                        + "\"learning_rate_multiplier\":\"auto\"}}}}");
        assertThat(client.get("/v1/fine_tuning/jobs/" + job.path("id").asText()).body())
                .isEqualTo(answer.body());
    }

    @Test
    void writesTheFirstEvents() {
        ObjectNode request = JobClient.request("base", file);
        String validation = jobs.uploadFile();
        String plain = jobs.create(request);
        String validated = jobs.create(request.put("validation_file", validation));
        assertThat(jobs.messages(plain))
                .containsExactly("Created fine-tuning job: " + plain, "Validating training file: " + file);
        assertThat(jobs.messages(validated))
                .containsExactly(
                        "Created fine-tuning job: " + validated,
                        "Validating training file: " + file + " and validation file: " + validation);
    }

    @Test
    void drawsASeedWhereNoneIsGiven() {
        JsonNode job = jobs.tryCreate(JobClient.request("base", file)).json();
        assertThat(job.path("seed").isInt()).isTrue();
        assertThat(job.path("seed").asInt()).isNotNegative();
    }

    @Test
    void theMethodsHyperparametersWinOverTheTopLevelOnesAndOtherMethodsAreLeftAside() {
        ObjectNode request = JobClient.request("base", file);
        request.putObject("hyperparameters")
                .put("n_epochs", 2)
                .put("batch_size", 4.0)
                .put("lora_r", 16);
        ObjectNode method = request.putObject("method").put("type", "supervised");
        method.putObject("supervised")
                .putObject("hyperparameters")
                .put("n_epochs", 5)
                .put("learning_rate", 0.25)
                .putArray("target_modules")
                .add("q_proj");
        method.putObject("dpo").putObject("hyperparameters").put("beta", "auto");
        JsonNode job = jobs.tryCreate(request).json();
        String merged = "{\"n_epochs\":5,\"batch_size\":4,\"learning_rate_multiplier\":\"auto\",\"lora_r\":16,"
                + "\"target_modules\":[\"q_proj\"],\"learning_rate\":0.25}";
        assertThat(job.path("hyperparameters")).hasToString(merged);
        assertThat(job.path("method"))
                .hasToString("{\"type\":\"supervised\",\"supervised\":{\"hyperparameters\":" + merged + "}}");
    }

    @Test
    void dpoHasItsOwnHyperparametersAndBetaAmongThem() {
        ObjectNode request = JobClient.request("base", file);
        request.putObject("hyperparameters").put("n_epochs", 2);
        ObjectNode method = request.putObject("method").put("type", "dpo");
        method.putObject("supervised").putObject("hyperparameters").put("n_epochs", 9);
        JsonNode plain = jobs.tryCreate(request).json();
        method.putObject("dpo").putObject("hyperparameters").put("beta", 0.5).put("n_epochs", 3);
        JsonNode given = jobs.tryCreate(request).json();
        assertThat(plain.path("method"))
                .hasToString("{\"type\":\"dpo\",\"dpo\":{\"hyperparameters\":{\"n_epochs\":2,\"batch_size\":\"auto\","
                        + "\"learning_rate_multiplier\":\"auto\",\"beta\":\"auto\"}}}");
        assertThat(given.path("method"))
                .hasToString("{\"type\":\"dpo\",\"dpo\":{\"hyperparameters\":{\"n_epochs\":3,\"batch_size\":\"auto\","
                        + "\"learning_rate_multiplier\":\"auto\",\"beta\":0.5}}}");
    }

    @Test
    void ignoresWhatLiteLlmSendsAlong() {
        ObjectNode request = JobClient.request("base", file).put("custom_llm_provider", "openai");
        request.putArray("target_model_names").add("x");
        assertThat(jobs.tryCreate(request).status()).isEqualTo(200);
        assertThat(client.post("/v1/fine_tuning/jobs?custom_llm_provider=openai", request.toString())
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{`nepochs`: 2}                               | invalid nepochs: 2, extra inputs are not permitted | nepochs",
                "{`model`: null}                              | Missing required parameter: 'model'. | model",
                "{`model`: 3}                                 | invalid model: 3, input should be a string | model",
                "{`model`: `nothing`}                         | Model nothing is not available for fine-tuning or does not exist. |",
                "{`training_file`: null}                      | Missing required parameter: 'training_file'. | training_file",
                "{`training_file`: `file-none`}               | invalid training_file: file-none | training_file",
                "{`validation_file`: `file-none`}             | invalid validation_file: file-none | validation_file",
                "{`validation_file`: [1]}                     | invalid validation_file: [1], input should be a string | validation_file",
                "{`suffix`: ``}                               | invalid suffix: , input should have 1 to 64 characters | suffix",
                "{`seed`: -1}                                 | invalid seed: -1, input should be an integer from 0 to 2147483647 | seed",
                "{`seed`: 2147483648}                         | invalid seed: 2147483648, input should be an integer from 0 to 2147483647 | seed",
                "{`seed`: 1.5}                                | invalid seed: 1.5, input should be an integer from 0 to 2147483647 | seed",
                "{`hyperparameters`: null}                    | invalid hyperparameters: null, input should be an object | hyperparameters",
                "{`hyperparameters`: {`n_epochs`: 0}}         | invalid n_epochs: 0, input should be `auto` or an integer from 1 to 50 | n_epochs",
                "{`hyperparameters`: {`n_epochs`: 51}}        | invalid n_epochs: 51, input should be `auto` or an integer from 1 to 50 | n_epochs",
                "{`hyperparameters`: {`n_epochs`: 2.5}}       | invalid n_epochs: 2.5, input should be `auto` or an integer from 1 to 50 | n_epochs",
                "{`hyperparameters`: {`n_epochs`: `3`}}       | invalid n_epochs: 3, input should be `auto` or an integer from 1 to 50 | n_epochs",
                "{`hyperparameters`: {`batch_size`: 257}}     | invalid batch_size: 257, input should be `auto` or an integer from 1 to 256 | batch_size",
                "{`hyperparameters`: {`lora_r`: 0}}           | invalid lora_r: 0, input should be `auto` or an integer from 1 to 1024 | lora_r",
                "{`hyperparameters`: {`lora_dropout`: 1}}     | invalid lora_dropout: 1, input should be `auto` or a number from 0 to less than 1 | lora_dropout",
                "{`hyperparameters`: {`learning_rate`: 0}}    | invalid learning_rate: 0, input should be `auto` or a number above 0 and at most 1 | learning_rate",
                "{`hyperparameters`: {`learning_rate`: 1e999}} | invalid learning_rate: `Infinity`, input should be `auto` or a number above 0 and at most 1 | learning_rate",
                "{`hyperparameters`: {`context_length`: 4}}   | invalid context_length: 4, input should be `auto` or an integer from 8 to 1048576 | context_length",
                "{`hyperparameters`: {`target_modules`: []}}  | invalid target_modules: [], input should be `auto` or `all-linear` or a list of different layer names such as [`q_proj`, `v_proj`] | target_modules",
                "{`hyperparameters`: {`packing`: true}}       | invalid packing: true, extra inputs are not permitted | packing",
                "{`method`: {}}                               | Missing required parameter: 'method.type'. | method.type",
                "{`method`: {`type`: `grpo`}}                 | invalid type: grpo, input should be 'supervised', 'dpo' or 'reinforcement' | type",
                "{`method`: {`type`: `reinforcement`}}        | The method 'reinforcement' is not supported yet. Use 'supervised' or 'dpo'. | method",
                "{`method`: {`type`: `dpo`, `dpo`: {`hyperparameters`: {`beta`: 0}}}} | invalid beta: 0, input should be `auto` or a number above 0 and at most 2 | beta",
                "{`method`: {`type`: `dpo`, `dpo`: {`hyperparameters`: {`beta`: 2.5}}}} | invalid beta: 2.5, input should be `auto` or a number above 0 and at most 2 | beta",
                "{`method`: {`type`: `dpo`, `dpo`: {`grader`: {}}}} | invalid grader: {}, extra inputs are not permitted | grader",
                "{`method`: {`type`: `supervised`, `supervised`: {`hyperparameters`: {`beta`: 0.1}}}} | invalid beta: 0.1, extra inputs are not permitted | beta",
                "{`hyperparameters`: {`early_stopping_patience`: 0}} | invalid early_stopping_patience: 0, input should be `auto` or an integer from 1 to 50 | early_stopping_patience",
                "{`hyperparameters`: {`early_stopping_patience`: 2}} | invalid early_stopping_patience: 2, needs a validation_file: it watches the loss on it | early_stopping_patience",
                "{`hyperparameters`: {`gradient_checkpointing`: `yes`}} | invalid gradient_checkpointing: yes, input should be `auto` or true or false | gradient_checkpointing",
                "{`method`: {`type`: `supervised`, `sft`: {}}} | invalid sft: {}, extra inputs are not permitted | sft",
                "{`method`: {`type`: `supervised`, `supervised`: {`hyperparameters`: {`batch_size`: -1}}}} | invalid batch_size: -1, input should be `auto` or an integer from 1 to 256 | batch_size",
                "{`integrations`: [{`type`: `mlflow`, `wandb`: {}}]} | invalid type: mlflow, input should be 'wandb' | type",
                "{`integrations`: [{`type`: `wandb`, `wandb`: {}}]} | invalid project: , input should be a string | project",
                "{`integrations`: [1,2,3,4,5,6]}              | invalid integrations: [1,2,3,4,5,6], input should be a list of at most 5 integrations | integrations",
                "{`metadata`: {`a`: 1}}                       | invalid metadata: {`a`:1}, the value of 'a' should be a string | metadata",
                "{`metadata`: []}                             | invalid metadata: [], input should be an object of strings | metadata",
            })
    void saysWhatIsWrongAndWithWhich(String change, String message, String param) throws Exception {
        ObjectNode request = JobClient.request("base", file);
        request.setAll((ObjectNode) JSON.readTree(change.replace('`', '"')));
        // 1e999 would be read as infinity here and not be written as JSON again.
        String body = request.toString().replace("Infinity", "1e999").replace("\"1e999\"", "1e999");
        Answer answer = client.post("/v1/fine_tuning/jobs", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo(message.replace('`', '"'));
        assertThat(answer.error("param")).isEqualTo(param);
        assertThat(answer.error("code"))
                .isEqualTo(
                        message.startsWith("Model ")
                                ? "model_not_available"
                                : message.startsWith("Missing")
                                        ? "missing_required_parameter"
                                        : message.startsWith("The method") ? "unsupported_method" : null);
    }

    @Test
    void metadataHasLimits() {
        ObjectNode request = JobClient.request("base", file);
        ObjectNode metadata = request.putObject("metadata");
        for (int i = 0; i < 16; i++) {
            metadata.put("k" + i, "v".repeat(512));
        }
        assertThat(jobs.tryCreate(request).status()).isEqualTo(200);
        assertThat(jobs.tryCreate(request.set("metadata", metadata.deepCopy().put("k16", "v")))
                        .error("message"))
                .contains("at most 16 pairs, not 17");
        request.putObject("metadata").put("k".repeat(65), "v");
        assertThat(jobs.tryCreate(request).error("message")).contains("keys should have at most 64 characters");
        request.putObject("metadata").put("k", "v".repeat(513));
        assertThat(jobs.tryCreate(request).error("message")).contains("at most 512 characters");
    }

    @Test
    void onlyFilesForFineTuningCanBeTrainedOn() {
        String other =
                client.upload("user_data", "x.jsonl", "{}\n").json().path("id").asText();
        assertThat(jobs.tryCreate(JobClient.request("base", other)).error("message"))
                .isEqualTo("invalid training_file: " + other);
        String deleted = jobs.uploadFile();
        client.delete("/v1/files/" + deleted);
        assertThat(jobs.tryCreate(JobClient.request("base", deleted)).error("message"))
                .isEqualTo("invalid training_file: " + deleted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[]", "nonsense", "{\"model\": \"base\",}", "{\"model\": \"a\\u0000b\"}"})
    void whatIsNoJobIsABadRequest(String body) {
        assertThat(client.post("/v1/fine_tuning/jobs", body).status()).isEqualTo(400);
    }
}
