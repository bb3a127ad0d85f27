package dev.tunegate.trainer.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A predictor whose logits are a function of the tokens so far, and which notes how it was used. */
final class ScriptedPredictor implements Predictor {
    private final int contextLength;
    private final Function<List<Integer>, float[]> logits;
    final List<Integer> batchSizes = new ArrayList<>();
    final List<Integer> inputLengths = new ArrayList<>();
    private int open;

    ScriptedPredictor(int contextLength, Function<List<Integer>, float[]> logits) {
        this.contextLength = contextLength;
        this.logits = logits;
    }

    /** Continues every prompt with {@code answer}, whose last token then repeats. */
    static ScriptedPredictor answering(int promptLength, int vocabulary, int... answer) {
        return new ScriptedPredictor(1000, tokens -> {
            float[] logits = new float[vocabulary];
            int drawn = Math.max(0, tokens.size() - promptLength);
            logits[answer[Math.min(answer.length - 1, drawn)]] = 1;
            return logits;
        });
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public int vocabularySize() {
        throw new AssertionError("generation has the logits to go by");
    }

    @Override
    public synchronized Sequence open() {
        open++;
        return new Tokens();
    }

    synchronized int openSequences() {
        return open;
    }

    @Override
    public float[][] append(List<Sequence> sequences, List<int[]> tokens) {
        batchSizes.add(sequences.size());
        float[][] result = new float[sequences.size()][];
        for (int i = 0; i < result.length; i++) {
            Tokens sequence = (Tokens) sequences.get(i);
            inputLengths.add(tokens.get(i).length);
            Arrays.stream(tokens.get(i)).forEach(sequence.tokens::add);
            result[i] = logits.apply(sequence.tokens);
        }
        return result;
    }

    private final class Tokens implements Sequence {
        private final List<Integer> tokens = new ArrayList<>();

        @Override
        public void close() {
            synchronized (ScriptedPredictor.this) {
                open--;
            }
        }
    }
}
