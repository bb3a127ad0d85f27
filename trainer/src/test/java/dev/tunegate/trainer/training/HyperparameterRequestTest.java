package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HyperparameterRequestTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ModelFacts LLAMA = new ModelFacts("LlamaForCausalLM", 2000, 4096, false);

    @ParameterizedTest(name = "{0} examples: {1} epochs, batch size {2}")
    @CsvSource({
        "1, 25, 1",
        "10, 10, 1",
        "33, 3, 1",
        "34, 3, 1",
        "100, 3, 1",
        "1000, 3, 2",
        "8333, 3, 17",
        "8334, 2, 17",
        "20000, 1, 40",
        "1000000, 1, 256"
    })
    void autoDependsOnTheNumberOfExamples(int examples, int epochs, int batchSize) throws Exception {
        Hyperparameters auto = parse("{'n_epochs': 'auto', 'batch_size': null}").resolve(examples, LLAMA);

        assertThat(auto.nEpochs()).isEqualTo(epochs);
        assertThat(auto.batchSize()).isEqualTo(batchSize);
        assertThat(auto.learningRateMultiplier()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}, hidden size {1}, all weights {2}: {3}")
    @CsvSource({
        "LlamaForCausalLM, 2000, false, 5.0e-4",
        "LlamaForCausalLM, 256, false, 2.49023e-3",
        "Qwen2ForCausalLM, 256, false, 5.8636e-4",
        "LlamaForCausalLM, 256, true, 2.49023e-4"
    })
    void learningRateFollowsTheHiddenSizeAndTheFamily(String type, int hidden, boolean all, double rate)
            throws Exception {
        ModelFacts model = new ModelFacts(type, hidden, 4096, all);

        assertThat(parse("{}").resolve(100, model).learningRate()).isCloseTo(rate, within(1e-7));
        assertThat(parse("{'learning_rate_multiplier': 2}").resolve(100, model).learningRate())
                .isCloseTo(2 * rate, within(2e-7));
    }

    @Test
    void givenNumbersAreKept() throws Exception {
        String json = "{'n_epochs': 5, 'batch_size': 8, 'learning_rate_multiplier': 0.5, 'lora_r': 4,"
                + " 'lora_alpha': 8.0, 'lora_dropout': 0.1, 'target_modules': ['q_proj', 'v_proj'],"
                + " 'learning_rate': 0.001, 'warmup_ratio': 0.1, 'weight_decay': 0.01,"
                + " 'max_grad_norm': 0.5, 'context_length': 512, 'early_stopping_patience': 3,"
                + " 'gradient_checkpointing': true}";
        Hyperparameters given = parse(json).resolve(100, LLAMA);

        assertThat(fields(JSON.valueToTree(given)))
                .containsAllEntriesOf(fields(read(json.replace("'learning_rate': 0.001", "'learning_rate': 0.0005"))));
        assertThat(parse("{'n_epochs': 5.0}").nEpochs()).isEqualTo(5);
        assertThat(given.targetModules()).containsExactly("q_proj", "v_proj");
        assertThat(given.stepsPerEpoch(100)).isEqualTo(13);
        assertThat(given.shownInJob()).hasToString("{n_epochs=5, batch_size=8, learning_rate_multiplier=0.5}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'n_epochs': 0}|invalid n_epochs: 0, must be \"auto\" or an integer from 1 to 50",
                "{'n_epochs': 51}|invalid n_epochs: 51, must be \"auto\" or an integer from 1 to 50",
                "{'n_epochs': 2.5}|invalid n_epochs: 2.5, must be \"auto\" or an integer from 1 to 50",
                "{'n_epochs': 1e400}|invalid n_epochs: \"Infinity\", must be \"auto\" or an integer from 1 to 50",
                "{'batch_size': '8'}|invalid batch_size: \"8\", must be \"auto\" or an integer from 1 to 256",
                "{'learning_rate_multiplier': 0}|invalid learning_rate_multiplier: 0, must be \"auto\" or a number above 0 and at most 10000",
                "{'lora_dropout': 1}|invalid lora_dropout: 1, must be \"auto\" or a number from 0 to less than 1",
                "{'lora_r': -4}|invalid lora_r: -4, must be \"auto\" or an integer from 1 to 1024",
                "{'gradient_checkpointing': 1}|invalid gradient_checkpointing: 1, must be \"auto\", true or false",
                "{'target_modules': []}|invalid target_modules: [], must be \"auto\", \"all-linear\" or a list of 1 to 64 different layer names such as [\"q_proj\", \"v_proj\"]",
                "{'target_modules': ['../x']}|invalid target_modules: [\"../x\"], must be \"auto\", \"all-linear\" or a list of 1 to 64 different layer names such as [\"q_proj\", \"v_proj\"]",
                "{'n_epochs': 2, 'nepochs': 2}|invalid nepochs: 2, extra inputs are not permitted",
                "[]|invalid hyperparameters: [], must be an object",
            })
    void whatCannotBeUsedIsRefusedWithFieldValueAndRange(String json, String message) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(InvalidHyperparameter.class)
                .hasMessage(message);
    }

    @Test
    void aContextLongerThanTheModelsIsRefused() throws Exception {
        HyperparameterRequest request = parse("{'context_length': 5000}");

        assertThatThrownBy(() -> request.resolve(100, LLAMA))
                .hasMessage("invalid context_length: 5000, must be at most 4096, the model's own");
    }

    @Test
    void dpoHasABetaAndSmallerSteps() throws Exception {
        Hyperparameters auto = parse("{}", TrainingMethod.DPO).resolve(100, LLAMA);
        Hyperparameters given = parse("{'beta': 0.5}", TrainingMethod.DPO).resolve(100, LLAMA);

        assertThat(auto.beta()).isEqualTo(0.1);
        assertThat(auto.shownInJob()).containsEntry("beta", 0.1);
        assertThat(auto.learningRate()).isCloseTo(2.5e-5, within(1e-12));
        assertThat(given.beta()).isEqualTo(0.5);
    }

    @ParameterizedTest
    @CsvSource({"0", "2.01", "-1"})
    void aBetaIsAbove0AndAtMost2(String beta) {
        assertThatThrownBy(() -> parse("{'beta': " + beta + "}", TrainingMethod.DPO))
                .hasMessage("invalid beta: " + beta + ", must be \"auto\" or a number above 0 and at most 2");
    }

    @Test
    void aBetaIsForDpoAlone() {
        assertThatThrownBy(() -> parse("{'beta': 0.1}"))
                .hasMessage("invalid beta: 0.1, extra inputs are not permitted");
    }

    @Test
    void aTrainingThatContinuesHasTheAdaptersShape() throws Exception {
        LoraConfig adapter = new LoraConfig(4, 8, 0, Set.of("q_proj"));

        Hyperparameters continued =
                parse("{'lora_alpha': 8}").continuing(adapter).resolve(100, LLAMA);
        assertThat(continued.loraR()).isEqualTo(4);
        assertThat(continued.loraAlpha()).isEqualTo(8);
        assertThat(continued.targetModules()).containsExactly("q_proj");
        assertThatThrownBy(() -> parse("{'lora_r': 16}").continuing(adapter))
                .hasMessage("invalid lora_r: 16, must be \"auto\" or 4, as in the fine-tuned model that training"
                        + " continues from");
    }

    private static HyperparameterRequest parse(String json) throws JsonProcessingException {
        return parse(json, TrainingMethod.SUPERVISED);
    }

    private static HyperparameterRequest parse(String json, TrainingMethod method) throws JsonProcessingException {
        return HyperparameterRequest.parse(read(json), method);
    }

    private static JsonNode read(String json) throws JsonProcessingException {
        return JSON.readTree(json.replace('\'', '"'));
    }

    private static Map<String, JsonNode> fields(JsonNode object) {
        return object.propertyStream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
