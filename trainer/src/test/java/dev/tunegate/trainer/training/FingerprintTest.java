package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.training.HyperparameterRequest.ModelFacts;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
    private static final ModelFacts MODEL = new ModelFacts("LlamaForCausalLM", 64, 512, false);
    private static final List<Example> EXAMPLES = List.of(
            new Example(new int[] {1, 2, 3}, new boolean[] {false, true, true}),
            new Example(new int[] {70_000, 0}, new boolean[] {false, true}));

    private static final String GIVEN = "{\"n_epochs\": 2, \"batch_size\": 4, \"learning_rate\": 0.0005, \"lora_r\": 8,"
            + " \"target_modules\": [\"v_proj\", \"q_proj\"]}";
    /**
     * SHA-256 of {@code
     * {"batch_size":4,"context_length":512,"learning_rate":5.0E-4,"lora_r":8,"n_epochs":2,"target_modules":["q_proj","v_proj"]}},
     * the seed, the start and the tokens. Where it changes, no stored resume state can be used any more.
     */
    private static final String VALUE = "134cf20dc070d8a7a59c5510d933529e0f96b45d6612ce6b6d13ab64cbde3ebb";
    /** What version 0.1.0 stored for the same training. */
    private static final String FORMER_VALUE = "0f19a469f9069df113e8a12a3fea6b366940dc475876c273be2c4f3b1a6aa4b0";

    @Test
    void itIsTheSameInEveryVersion() throws Exception {
        Fingerprint fingerprint = of(GIVEN);

        assertThat(fingerprint.value()).isEqualTo(VALUE);
        assertThat(fingerprint.matches(VALUE)).isTrue();
    }

    @Test
    void aConstantDefaultThatIsGivenCountsAsLeftOut() throws Exception {
        String auto =
                ", \"learning_rate_multiplier\": 1, \"lora_alpha\": 32, \"lora_dropout\": 0, \"warmup_ratio\": 0.03,"
                        + " \"weight_decay\": 0, \"max_grad_norm\": 1, \"gradient_checkpointing\": null}";

        assertThat(of(GIVEN.replace("}", auto)).value()).isEqualTo(VALUE);
    }

    @Test
    void aStateOfBeforeIsAccepted() throws Exception {
        assertThat(of(GIVEN).matches(FORMER_VALUE)).isTrue();
        assertThat(of(GIVEN.replace("8", "16")).matches(FORMER_VALUE)).isFalse();
        assertThat(of(GIVEN).matches("")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"n_epochs\": 3",
                "\"batch_size\": 5",
                "\"learning_rate_multiplier\": 2",
                "\"lora_r\": 4",
                "\"lora_r\": 16",
                "\"lora_alpha\": 8",
                "\"lora_dropout\": 0.1",
                "\"target_modules\": [\"q_proj\"]",
                "\"target_modules\": null",
                "\"learning_rate\": 0.0006",
                "\"warmup_ratio\": 0",
                "\"weight_decay\": 0.1",
                "\"max_grad_norm\": 2",
                "\"context_length\": 100",
                "\"early_stopping_patience\": 1",
                "\"gradient_checkpointing\": false"
            })
    void anyOtherNumberMakesAnotherTraining(String other) throws Exception {
        ObjectNode given = (ObjectNode) new ObjectMapper().readTree(GIVEN);
        given.setAll((ObjectNode) new ObjectMapper().readTree("{" + other + "}"));

        assertThat(of(given.toString()).value()).isNotEqualTo(VALUE);
        assertThat(of(given.toString()).matches(VALUE)).isFalse();
    }

    @Test
    void otherDataSeedAndStartMakeAnotherTraining() throws Exception {
        Hyperparameters same = hyperparameters(GIVEN);
        Example untrained = new Example(new int[] {70_000, 0}, new boolean[] {true, true});

        assertThat(List.of(
                        new Fingerprint(EXAMPLES.subList(0, 1), same, 42, "start").value(),
                        new Fingerprint(List.of(EXAMPLES.get(0), untrained), same, 42, "start").value(),
                        new Fingerprint(EXAMPLES, same, 43, "start").value(),
                        new Fingerprint(EXAMPLES, same, 42, "").value(),
                        VALUE))
                .doesNotHaveDuplicates();
    }

    /** A set of an adapter's modules goes through its names in another order in every JVM. */
    @Test
    void theOrderOfModulesDoesNotCount() throws Exception {
        String other = GIVEN.replace("[\"v_proj\", \"q_proj\"]", "[\"q_proj\", \"v_proj\"]");

        assertThat(other).isNotEqualTo(GIVEN);
        assertThat(of(other).value()).isEqualTo(VALUE);
    }

    private static Fingerprint of(String json) throws IOException {
        return new Fingerprint(EXAMPLES, hyperparameters(json), 42, "start");
    }

    private static Hyperparameters hyperparameters(String json) throws IOException {
        return HyperparameterRequest.parse(new ObjectMapper().readTree(json), TrainingMethod.SUPERVISED)
                .resolve(EXAMPLES.size(), MODEL);
    }
}
