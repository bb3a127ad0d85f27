package dev.tunegate.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {

    private static final Example FIRST = new Example(new int[] {5, 6, 7}, new boolean[] {false, false, true});
    private static final Example SECOND = new Example(new int[] {8, 9}, new boolean[] {true, true});

    @Test
    void sequencesLieEndToEndAndPredictOnlyTheirOwnTokens() {
        Batch batch = Batch.of(List.of(FIRST, SECOND));

        assertThat(batch.tokens()).containsExactly(5, 6, 7, 8, 9);
        assertThat(batch.lengths()).containsExactly(3, 2);
        // The first token of a sequence has nothing before it that could predict it, trained or not.
        assertThat(batch.labels()).containsExactly(-100, 7, -100, 9, -100);
        assertThat(batch.trainedTokens()).isEqualTo(2);
    }

    @Test
    void examplesAreSplitByTheirTokensInOrder() {
        List<Batch> batches = Batch.split(List.of(FIRST, SECOND, FIRST, SECOND), 5);
        assertThat(batches).extracting(batch -> batch.lengths().length).containsExactly(2, 2);

        List<Batch> single = Batch.split(List.of(FIRST, SECOND), 1);
        assertThat(single).extracting(batch -> batch.tokens().length).containsExactly(3, 2);
        assertThat(Batch.split(List.of(), 1)).isEmpty();
    }

    @Test
    void itIsSharedOutByTokens() {
        Batch batch = Batch.of(List.of(SECOND, FIRST, FIRST, SECOND, SECOND));

        List<Batch> shares = batch.shares(2, 1);

        assertThat(shares.get(0).lengths()).containsExactly(2, 3, 2);
        assertThat(shares.get(0).tokens()).containsExactly(8, 9, 5, 6, 7, 8, 9);
        assertThat(shares.get(0).labels()).containsExactly(9, -100, -100, 7, -100, 9, -100);
        assertThat(shares.get(1).tokens()).containsExactly(5, 6, 7, 8, 9);
    }

    @Test
    void whatBelongsTogetherStaysTogether() {
        Batch batch = Batch.of(List.of(FIRST, SECOND, SECOND, SECOND, FIRST, FIRST));

        List<Batch> shares = batch.shares(2, 2);

        assertThat(shares).extracting(Batch::lengths).containsExactly(new int[] {3, 3}, new int[] {3, 2, 2, 2});
    }

    @Test
    void lengthsMustAddUp() {
        assertThatThrownBy(() -> new Batch(new int[3], new int[] {2}, new int[3]))
                .hasMessageContaining("lengths add up to 2, but there are 3 tokens");
        assertThatThrownBy(() -> new Batch(new int[0], new int[] {0}, new int[0]))
                .hasMessageContaining("a sequence of 0 tokens");
    }
}
