package dev.tunegate.trainer.generation;

import dev.tunegate.trainer.model.KvCache;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Weights;
import java.util.List;

/** A language model with the weights of one adapter, or its own. Answers batch together only when they share it. */
public final class ModelPredictor implements Predictor {
    private final LanguageModel model;
    private final Weights weights;

    /** @param weights the model's own, or an adapter's; both stay loaded while this is used */
    public ModelPredictor(LanguageModel model, Weights weights) {
        this.model = model;
        this.weights = weights;
    }

    @Override
    public int contextLength() {
        return model.config().contextLength();
    }

    @Override
    public int vocabularySize() {
        return model.config().vocabularySize();
    }

    @Override
    public Sequence open() {
        return new Cached(model.newCache());
    }

    @Override
    public float[][] append(List<Sequence> sequences, List<int[]> tokens) {
        List<KvCache> caches =
                sequences.stream().map(sequence -> ((Cached) sequence).cache()).toList();
        if (tokens.stream().allMatch(more -> more.length == 1)) {
            return model.next(caches, tokens.stream().mapToInt(more -> more[0]).toArray(), weights);
        }
        float[][] logits = new float[caches.size()][];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = model.next(caches.get(i), tokens.get(i), weights);
        }
        return logits;
    }

    private record Cached(KvCache cache) implements Sequence {
        @Override
        public void close() {
            cache.close();
        }
    }
}
