package dev.tunegate.trainer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.generation.GenerationLoop.Order;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Answers of a small model whose continuations transformers and PEFT computed. */
@ExtendWith(OnTestDevice.class)
class ModelPredictorTest {
    private static final Path GOLDEN = golden();
    private static JsonNode json = new ObjectMapper().createObjectNode();
    private static LanguageModel model;
    private static Adapter adapter;

    @BeforeAll
    static void load() throws IOException {
        json = new ObjectMapper().readTree(GOLDEN.resolve("golden.json").toFile());
        model = LanguageModel.load(GOLDEN.resolve("model"), ComputeType.FP32);
        adapter = Adapter.load(GOLDEN.resolve("adapter_final"), model);
    }

    @AfterAll
    static void close() {
        adapter.close();
        model.close();
    }

    @Test
    void continuesAsTheReferenceDoesWithAndWithoutAnAdapter() {
        assertThat(greedy(model.weights(), List.of(prompt(8)), 12))
                .containsExactly(ints("base_greedy_from_first_8_of_row0"));
        assertThat(greedy(adapter.weights(), List.of(prompt(8)), 12))
                .containsExactly(ints("final_greedy_from_first_8_of_row0"));
    }

    @Test
    void answersInABatchAreTheAnswersGivenAlone() {
        // More answers than run at once, of different lengths, so that they join and leave a running batch.
        List<int[]> prompts =
                IntStream.range(1, 24).mapToObj(ModelPredictorTest::prompt).toList();
        List<List<Integer>> together = greedy(adapter.weights(), prompts, 20);
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(together.get(i))
                    .isEqualTo(greedy(adapter.weights(), List.of(prompts.get(i)), 20)
                            .get(0));
        }
    }

    @Test
    void answersOfDifferentAdaptersRunSideBySide() {
        Predictor base = new ModelPredictor(model, model.weights());
        Predictor tuned = new ModelPredictor(model, adapter.weights());
        List<Predictor> predictors = List.of(base, tuned, base, tuned);
        List<List<Integer>> answers =
                generate(predictors, Arrays.asList(prompt(8), prompt(8), prompt(8), prompt(8)), 12);
        List<Integer> expectedBase = ints("base_greedy_from_first_8_of_row0");
        List<Integer> expectedTuned = ints("final_greedy_from_first_8_of_row0");
        assertThat(answers).containsExactly(expectedBase, expectedTuned, expectedBase, expectedTuned);
    }

    @Test
    void anAnswerMayFillTheContext() {
        int room = model.config().contextLength() - 8;
        assertThat(greedy(model.weights(), List.of(prompt(8)), room + 50).get(0))
                .hasSize(room);
    }

    private static List<List<Integer>> greedy(Weights weights, List<int[]> prompts, int count) {
        Predictor predictor = new ModelPredictor(model, weights);
        return generate(prompts.stream().map(p -> predictor).toList(), prompts, count);
    }

    private static List<List<Integer>> generate(List<Predictor> predictors, List<int[]> prompts, int count) {
        List<List<Integer>> answers = new ArrayList<>();
        List<Heard> heard = new ArrayList<>();
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            Collected collected = new Collected(new ArrayList<>());
            Heard listener = new Heard();
            answers.add(collected.tokens());
            heard.add(listener);
            orders.add(new Order(
                    new GenerationRequest(
                            predictors.get(i), prompts.get(i), Set.of(), collected, SamplingOptions.greedy(count)),
                    listener));
        }
        try (GenerationLoop loop = new GenerationLoop(8, 100)) {
            loop.submit(orders);
            heard.forEach(listener -> assertThat(listener.awaitEnd().failure()).isNull());
        }
        return answers;
    }

    /** Keeps the tokens themselves. */
    private record Collected(List<Integer> tokens) implements TextStream {
        @Override
        public String push(int token) {
            tokens.add(token);
            return "";
        }

        @Override
        public String flush() {
            return "";
        }
    }

    private static int[] prompt(int length) {
        int[] tokens = new int[length];
        Arrays.setAll(tokens, i -> json.at("/input_ids/0").get(i).asInt());
        return tokens;
    }

    private static List<Integer> ints(String name) {
        List<Integer> ints = new ArrayList<>();
        json.get(name).forEach(value -> ints.add(value.asInt()));
        return ints;
    }

    private static Path golden() {
        try {
            return Path.of(Objects.requireNonNull(ModelPredictorTest.class.getResource("/golden/llama"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
