package dev.tunegate.trainer.model;

import dev.tunegate.trainer.dataset.Batch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the sequences of a batch lie: the position of each token, and the groups of about equally long sequences that
 * attention takes together.
 *
 * @param positions each token's place in its sequence: {@code [tokens]}
 * @param groups each a matrix {@code [sequences, longest]} of the tokens' places in the batch, row by row
 * @param restore for each token its row among the groups' results; empty when there is one group in the tokens' order
 */
@SuppressWarnings("ArrayRecordComponent") // becomes arrays of libtorch at once
record PackedLayout(long[] positions, List<Group> groups, long[] restore) {

    /** Sequences of at most so many tokens form one group, since one more operator costs more than the work on padding. */
    private static final int SHORT = 64;

    @SuppressWarnings("ArrayRecordComponent")
    record Group(long[] index, int sequences, int longest) {}

    static PackedLayout of(Batch batch) {
        int[] lengths = batch.lengths();
        int[] starts = new int[lengths.length];
        long[] positions = new long[batch.tokens().length];
        int total = 0;
        for (int s = 0; s < lengths.length; s++) {
            starts[s] = total;
            for (int i = 0; i < lengths[s]; i++) {
                positions[total++] = i;
            }
        }
        // The sort is stable, so that sequences of one length stay in their order.
        List<Integer> order = IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparing(s -> -lengths[s]))
                .toList();
        List<Group> groups = new ArrayList<>();
        long[] restore = new long[total];
        int row = 0;
        for (int first = 0; first < order.size(); ) {
            int longest = lengths[order.get(first)];
            int end = first + 1;
            while (end < order.size() && (longest <= SHORT || lengths[order.get(end)] * 4L >= longest * 3L)) {
                end++;
            }
            long[] index = new long[(end - first) * longest];
            for (int g = first; g < end; g++) {
                int s = order.get(g);
                for (int i = 0; i < longest; i++) {
                    index[(g - first) * longest + i] = (long) starts[s] + Math.min(i, lengths[s] - 1);
                    if (i < lengths[s]) {
                        restore[starts[s] + i] = row;
                    }
                    row++;
                }
            }
            groups.add(new Group(index, end - first, longest));
            first = end;
        }
        boolean inOrder = groups.size() == 1 && row == total;
        return new PackedLayout(positions, groups, inOrder ? new long[0] : restore);
    }
}
