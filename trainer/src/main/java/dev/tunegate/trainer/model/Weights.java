package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;

/**
 * The arrays one forward pass works with: the model's own, or with an adapter's beside them. Several can share the same base
 * arrays at the same time.
 *
 * @param embedding {@code [vocabulary, hidden]}
 * @param layers for each decoder layer the entries of its dictionary, named {@code w.key}
 * @param norm the last norm's weight: {@code [hidden]}
 * @param head {@code [vocabulary, hidden]}, the embedding itself where they are tied
 */
public record Weights(NDArray embedding, List<NDList> layers, NDArray norm, NDArray head) {

    /** The name of an array that becomes an entry of a layer's dictionary. */
    public static String argument(String key) {
        return "w." + key;
    }

    /** The same with further entries for each layer. */
    public Weights with(List<NDList> additions) {
        List<NDList> all = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            all.add(new NDList(layers.get(i)).addAll(additions.get(i)));
        }
        return new Weights(embedding, all, norm, head);
    }
}
