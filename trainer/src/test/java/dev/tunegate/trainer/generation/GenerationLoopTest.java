package dev.tunegate.trainer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.generation.GenerationLoop.Order;
import dev.tunegate.trainer.generation.GenerationLoop.Overloaded;
import dev.tunegate.trainer.generation.SamplingOptions.Scores;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GenerationLoopTest {
    private static final int STOP_TOKEN = 0;
    private final GenerationLoop loop = new GenerationLoop(4, 8);

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void endsAtAStopTokenWithoutShowingOrCountingIt() {
        Heard heard = generate(ScriptedPredictor.answering(2, 128, 'h', 'i', STOP_TOKEN), options(50));
        assertThat(heard.text()).isEqualTo("hi");
        assertThat(heard.reason()).isEqualTo(FinishReason.STOP);
        assertThat(heard.completionTokens()).isEqualTo(2);
    }

    @Test
    void endsAtMaxTokens() {
        Heard heard = generate(ScriptedPredictor.answering(2, 128, 'a'), options(5));
        assertThat(heard.text()).isEqualTo("aaaaa");
        assertThat(heard.reason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void endsWhereTheContextIsFull() {
        ScriptedPredictor predictor = new ScriptedPredictor(10, tokens -> {
            assertThat(tokens.size()).isLessThanOrEqualTo(10);
            return only('a');
        });
        Heard heard = generate(predictor, options(Integer.MAX_VALUE));
        assertThat(heard.text()).isEqualTo("a".repeat(8));
        assertThat(heard.reason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void endsAtAStopStringThatTokensCutUp() {
        Heard heard = generate(
                ScriptedPredictor.answering(2, 128, 'o', 'k', '#', '#', 'x'), options(50, List.of("##"), Scores.NONE));
        assertThat(heard.text()).isEqualTo("ok");
        assertThat(heard.reason()).isEqualTo(FinishReason.STOP);
        assertThat(heard.completionTokens()).isEqualTo(4);
    }

    @Test
    void showsTextThatWasHeldBackForAStopStringWhenTheAnswerEnds() {
        Heard heard = generate(
                ScriptedPredictor.answering(2, 128, 'o', 'k', '#', STOP_TOKEN),
                options(50, List.of("##"), Scores.NONE));
        assertThat(heard.text()).isEqualTo("ok#");
    }

    @Test
    void scoresEveryTokenOnce() {
        Heard heard = generate(
                ScriptedPredictor.answering(2, 128, 'a', 'b', '#', STOP_TOKEN),
                options(50, List.of("##"), new Scores(true, 1)));
        assertThat(heard.scores()).extracting(TokenScore::token).containsExactly((int) 'a', (int) 'b', (int) '#');
    }

    @Test
    void readsALongPromptInPieces() {
        ScriptedPredictor predictor = ScriptedPredictor.answering(700, 128, 'a', STOP_TOKEN);
        Heard heard = new Heard();
        loop.submit(List.of(new Order(request(predictor, new int[700], options(5)), heard)));
        assertThat(heard.awaitEnd().text()).isEqualTo("a");
        assertThat(predictor.inputLengths).containsExactly(512, 188, 1);
    }

    @Test
    void answersOfOneModelGrowInOneBatch() {
        Gate gate = new Gate();
        ScriptedPredictor predictor = gate.predictor('a');
        List<Heard> heard = IntStream.range(0, 4).mapToObj(i -> new Heard()).toList();
        loop.submit(heard.stream()
                .map(listener -> new Order(request(predictor, new int[2], options(6)), listener))
                .toList());
        gate.open();
        assertThat(heard).allSatisfy(h -> assertThat(h.awaitEnd().text()).isEqualTo("aaaaaa"));
        assertThat(predictor.batchSizes).contains(4);
    }

    @Test
    void aLongAnswerDoesNotBlockAShortOne() {
        ScriptedPredictor endless = new ScriptedPredictor(Integer.MAX_VALUE, tokens -> only('a'));
        Heard longAnswer = new Heard();
        GenerationLoop.Running running =
                loop.submit(List.of(new Order(request(endless, new int[2], options(Integer.MAX_VALUE)), longAnswer)));
        longAnswer.awaitText();
        Heard shortAnswer = generate(ScriptedPredictor.answering(2, 128, 'h', 'i', STOP_TOKEN), options(50));
        assertThat(shortAnswer.text()).isEqualTo("hi");
        assertThat(longAnswer.reason()).isNull();
        running.cancel();
        assertThat(longAnswer.awaitEnd().reason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(endless.openSequences()).isZero();
    }

    @Test
    void refusesMoreThanTheLineHolds() {
        Gate gate = new Gate();
        ScriptedPredictor predictor = gate.predictor('a');
        Heard first = new Heard();
        loop.submit(List.of(new Order(request(predictor, new int[2], options(1)), first)));
        gate.awaitUse();
        List<Heard> line = IntStream.range(0, 8).mapToObj(i -> new Heard()).toList();
        line.forEach(h -> loop.submit(List.of(new Order(request(predictor, new int[2], options(1)), h))));
        assertThatThrownBy(() -> generate(predictor, options(1))).isInstanceOf(Overloaded.class);
        gate.open();
        assertThat(line).allSatisfy(h -> assertThat(h.awaitEnd().text()).isEqualTo("a"));
    }

    @Test
    void aFailureEndsOnlyTheAnswersOfItsStep() {
        ScriptedPredictor broken = new ScriptedPredictor(100, tokens -> {
            throw new IllegalStateException("out of memory");
        });
        assertThat(generate(broken, options(5)).failure()).hasMessage("out of memory");
        assertThat(broken.openSequences()).isZero();
        assertThat(generate(ScriptedPredictor.answering(2, 128, 'a'), options(1))
                        .text())
                .isEqualTo("a");
    }

    @Test
    void brokenLogitsFailTheAnswer() {
        ScriptedPredictor broken = new ScriptedPredictor(100, tokens -> new float[] {Float.NaN});
        assertThat(generate(broken, options(5)).failure()).isInstanceOf(NotANumber.class);
        assertThat(broken.openSequences()).isZero();
    }

    @Test
    void nobodyWaitsForAThreadThatAnErrorEnded() {
        ScriptedPredictor fatal = new ScriptedPredictor(100, tokens -> {
            throw new StackOverflowError("on purpose");
        });
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {});
        try {
            assertThat(generate(fatal, options(5)).reason()).isEqualTo(FinishReason.CANCELLED);
        } finally {
            loop.close();
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThatThrownBy(() -> generate(fatal, options(5))).isInstanceOf(Overloaded.class);
    }

    @Test
    void closingCancelsWhatRuns() {
        ScriptedPredictor endless = new ScriptedPredictor(Integer.MAX_VALUE, tokens -> only('a'));
        Heard heard = new Heard();
        loop.submit(List.of(new Order(request(endless, new int[2], options(Integer.MAX_VALUE)), heard)));
        heard.awaitText();
        loop.close();
        assertThat(heard.awaitEnd().reason()).isEqualTo(FinishReason.CANCELLED);
        assertThatThrownBy(() -> generate(endless, options(1))).isInstanceOf(Overloaded.class);
    }

    private Heard generate(Predictor predictor, SamplingOptions options) {
        Heard heard = new Heard();
        loop.submit(List.of(new Order(request(predictor, new int[2], options), heard)));
        return heard.awaitEnd();
    }

    private static GenerationRequest request(Predictor predictor, int[] prompt, SamplingOptions options) {
        return new GenerationRequest(predictor, prompt, Set.of(STOP_TOKEN), new Ascii(), options);
    }

    private static SamplingOptions options(int maxTokens) {
        return SamplingOptions.greedy(maxTokens);
    }

    private static SamplingOptions options(int maxTokens, List<String> stop, Scores scores) {
        return new SamplingOptions(0, 1, 0, 0, Map.of(), 0, maxTokens, stop, scores);
    }

    private static float[] only(int token) {
        float[] logits = new float[128];
        logits[token] = 1;
        return logits;
    }

    /** Every token is a character. */
    private static final class Ascii implements TextStream {
        @Override
        public String push(int token) {
            return String.valueOf((char) token);
        }

        @Override
        public String flush() {
            return "";
        }
    }

    /** Holds the generating thread inside its first step until opened. */
    private static final class Gate {
        private final CountDownLatch used = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        ScriptedPredictor predictor(int token) {
            return new ScriptedPredictor(1000, tokens -> {
                used.countDown();
                await(opened);
                return only(token);
            });
        }

        void awaitUse() {
            await(used);
        }

        void open() {
            opened.countDown();
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
