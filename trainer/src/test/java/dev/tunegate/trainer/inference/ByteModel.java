package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.trainer.generation.Predictor;
import dev.tunegate.trainer.generation.TextStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A model whose tokens are bytes. "parrot" repeats the last message and stops, "chatter" never stops at temperature 0, "stuck" waits until
 * told to go on, "broken" fails.
 */
final class ByteModel implements ServedModel, Predictor {
    static final int CONTEXT = 128;
    private static final int STOP = 256;

    /** Counts who uses the models. */
    static final class Source implements ServedModel.Source {
        final AtomicInteger inUse = new AtomicInteger();
        final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public ServedModel open(String name) {
            if (name.equals("unloadable")) {
                await(goOn);
                throw RequestError.unavailable("it cannot be loaded");
            }
            if (!Set.of("parrot", "chatter", "stuck", "broken", "broken-later").contains(name)) {
                throw RequestError.modelNotFound(name);
            }
            inUse.incrementAndGet();
            return new ByteModel(name, this);
        }
    }

    private final String name;
    private final Source source;

    private ByteModel(String name, Source source) {
        this.name = name;
        this.source = source;
    }

    @Override
    public Predictor predictor() {
        return this;
    }

    @Override
    public int[] prompt(ArrayNode messages, @Nullable ArrayNode tools) {
        byte[] bytes = messages.get(messages.size() - 1).get("content").asText().getBytes(StandardCharsets.UTF_8);
        int[] prompt = new int[bytes.length];
        Arrays.setAll(prompt, i -> bytes[i] & 0xff);
        return prompt;
    }

    @Override
    public Set<Integer> stopTokens() {
        return Set.of(STOP);
    }

    @Override
    public TextStream textStream() {
        return new Bytes();
    }

    @Override
    public String tokenText(int token) {
        return token == STOP ? "" : Character.toString(token);
    }

    @Override
    public void close() {
        source.inUse.decrementAndGet();
    }

    @Override
    public int vocabularySize() {
        return STOP + 1;
    }

    @Override
    public int contextLength() {
        return name.equals("chatter") ? Integer.MAX_VALUE : CONTEXT;
    }

    @Override
    public Sequence open() {
        return new Tokens();
    }

    @Override
    public float[][] append(List<Sequence> sequences, List<int[]> tokens) {
        float[][] logits = new float[sequences.size()][STOP + 1];
        for (int i = 0; i < logits.length; i++) {
            logits[i][next((Tokens) sequences.get(i), tokens.get(i))] = 4;
        }
        return logits;
    }

    private int next(Tokens sequence, int[] more) {
        Arrays.stream(more).forEach(sequence.tokens::add);
        sequence.promptLength = sequence.promptLength == 0 ? more.length : sequence.promptLength;
        int answered = sequence.tokens.size() - sequence.promptLength;
        return switch (name) {
            case "broken" -> throw new IllegalStateException("secret detail");
            case "chatter" -> 'x';
            case "broken-later" -> {
                await(source.goOn);
                throw new IllegalStateException("secret detail");
            }
            case "stuck" -> {
                await(source.goOn);
                yield STOP;
            }
            default -> answered < sequence.promptLength ? sequence.tokens.get(answered) : STOP;
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Tokens implements Sequence {
        private final List<Integer> tokens = new ArrayList<>();
        private int promptLength;

        @Override
        public void close() {
            tokens.clear();
        }
    }

    /** Emits a character once its last byte is there. */
    private static final class Bytes implements TextStream {
        private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

        @Override
        public String push(int token) {
            pending.write(token);
            String text = pending.toString(StandardCharsets.UTF_8);
            if (text.contains("\uFFFD")) {
                return "";
            }
            pending.reset();
            return text;
        }

        @Override
        public String flush() {
            return pending.toString(StandardCharsets.UTF_8);
        }
    }
}
