package dev.tunegate.trainer.dataset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Sequences packed end to end, without padding. Positions restart with every sequence and attention stays inside it.
 *
 * @param tokens the ids of all sequences: {@code [tokens]}
 * @param lengths the length of each sequence; they add up to the number of tokens
 * @param labels the id to predict at each position, already shifted, or {@link #IGNORED}: {@code [tokens]}
 */
@SuppressWarnings("ArrayRecordComponent") // millions of numbers: lists of boxes would cost a multiple
public record Batch(int[] tokens, int[] lengths, int[] labels) {

    /** The label of a position that is not trained on. */
    public static final int IGNORED = -100;

    public Batch {
        int sum = 0;
        for (int length : lengths) {
            if (length < 1) {
                throw new IllegalArgumentException("a sequence of " + length + " tokens");
            }
            sum += length;
        }
        if (sum != tokens.length || labels.length != tokens.length) {
            throw new IllegalArgumentException("lengths add up to " + sum + ", but there are " + tokens.length
                    + " tokens and " + labels.length + " labels");
        }
    }

    /** The number of positions that have a label. */
    public int trainedTokens() {
        int count = 0;
        for (int label : labels) {
            if (label != IGNORED) {
                count++;
            }
        }
        return count;
    }

    /** Packs items in their order; position i of a sequence learns to predict token i + 1 where that is trained. */
    public static Batch of(List<? extends TrainingItem> items) {
        List<Example> examples =
                items.stream().flatMap(item -> item.sequences().stream()).toList();
        int total =
                examples.stream().mapToInt(example -> example.tokens().length).sum();
        int[] tokens = new int[total];
        int[] labels = new int[total];
        int[] lengths = new int[examples.size()];
        int start = 0;
        for (int s = 0; s < lengths.length; s++) {
            Example example = examples.get(s);
            int length = example.tokens().length;
            lengths[s] = length;
            System.arraycopy(example.tokens(), 0, tokens, start, length);
            for (int i = 0; i < length; i++) {
                boolean trained = i + 1 < length && example.trained()[i + 1];
                labels[start + i] = trained ? example.tokens()[i + 1] : IGNORED;
            }
            start += length;
        }
        return new Batch(tokens, lengths, labels);
    }

    /**
     * Shares the sequences out to several batches of about as many tokens each, in their order.
     *
     * @param together how many sequences, one behind the other, stay in one batch; their number is a multiple of it
     */
    public List<Batch> shares(int count, int together) {
        int[] sizes = new int[lengths.length / together];
        int[] starts = new int[sizes.length];
        for (int i = 0, start = 0; i < sizes.length; start += sizes[i++]) {
            starts[i] = start;
            sizes[i] = IntStream.range(i * together, (i + 1) * together)
                    .map(s -> lengths[s])
                    .sum();
        }
        List<List<Integer>> shares =
                Stream.generate(ArrayList<Integer>::new).limit(count).collect(Collectors.toList());
        int[] filled = new int[count];
        // The longest go first, each to where there is least (Graham 1969).
        IntStream.range(0, sizes.length)
                .boxed()
                .sorted(Comparator.comparing(i -> -sizes[i]))
                .forEach(i -> {
                    int least = IntStream.range(0, count)
                            .boxed()
                            .min(Comparator.comparing(share -> filled[share]))
                            .orElseThrow();
                    shares.get(least).add(i);
                    filled[least] += sizes[i];
                });
        return shares.stream()
                .map(share -> chosen(share, starts, sizes, together))
                .toList();
    }

    private Batch chosen(List<Integer> groups, int[] starts, int[] sizes, int together) {
        List<Integer> ordered = groups.stream().sorted().toList();
        return new Batch(
                ordered.stream()
                        .flatMapToInt(i -> Arrays.stream(tokens, starts[i], starts[i] + sizes[i]))
                        .toArray(),
                ordered.stream()
                        .flatMapToInt(i -> Arrays.stream(lengths, i * together, (i + 1) * together))
                        .toArray(),
                ordered.stream()
                        .flatMapToInt(i -> Arrays.stream(labels, starts[i], starts[i] + sizes[i]))
                        .toArray());
    }

    /** Packs items in their order into batches of at most {@code maxTokens} tokens; a longer item gets its own. */
    public static List<Batch> split(List<? extends TrainingItem> items, int maxTokens) {
        List<Batch> batches = new ArrayList<>();
        List<TrainingItem> pending = new ArrayList<>();
        int tokens = 0;
        for (TrainingItem item : items) {
            if (!pending.isEmpty() && tokens + item.tokenCount() > maxTokens) {
                batches.add(of(pending));
                pending.clear();
                tokens = 0;
            }
            pending.add(item);
            tokens += item.tokenCount();
        }
        if (!pending.isEmpty()) {
            batches.add(of(pending));
        }
        return batches;
    }
}
