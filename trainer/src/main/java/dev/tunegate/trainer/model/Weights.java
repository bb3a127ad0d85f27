package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The arrays one forward pass works with: the model's own, or with an adapter's beside them. Several can share the same base
 * arrays at the same time. Each list becomes one dictionary of the operators; its arrays are named {@code w.key}.
 *
 * @param embedding {@code embed_tokens [vocabulary, hidden]}, and {@code embed_positions} where positions are learned
 * @param layers for each decoder layer its weights
 * @param head {@code norm [hidden]} and {@code lm_head [vocabulary, hidden]}; {@code embed_tokens} where they are tied
 */
public record Weights(NDList embedding, List<NDList> layers, NDList head) {

    /** The name of an array that becomes an entry of a dictionary. */
    public static String argument(String key) {
        return "w." + key;
    }

    /** The same with further entries for each layer. */
    public Weights with(List<NDList> additions) {
        return with(new NDList(), additions, new NDList());
    }

    /** The same with further entries; an entry of the same name is replaced. */
    public Weights with(NDList moreEmbedding, List<NDList> moreLayers, NDList moreHead) {
        List<NDList> all = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            all.add(joined(layers.get(i), moreLayers.get(i)));
        }
        return new Weights(joined(embedding, moreEmbedding), all, joined(head, moreHead));
    }

    private static NDList joined(NDList entries, NDList more) {
        Set<String> names = more.stream().map(NDArray::getName).collect(Collectors.toSet());
        NDList joined = new NDList();
        entries.stream().filter(array -> !names.contains(array.getName())).forEach(joined::add);
        return joined.addAll(more);
    }
}
