package dev.tunegate.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.dataset.Batch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PackedLayoutTest {

    @Test
    void sequencesOfOneLengthNeedNoGathering() {
        PackedLayout layout = PackedLayout.of(batch(3, 3));

        assertThat(layout.positions()).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(layout.restore()).isEmpty();
        assertThat(layout.groups()).hasSize(1);
        assertThat(layout.groups().get(0).index()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void aShorterSequenceIsFilledUpWithItsLastToken() {
        PackedLayout layout = PackedLayout.of(batch(1, 3));

        assertThat(layout.positions()).containsExactly(0, 0, 1, 2);
        assertThat(layout.groups()).hasSize(1);
        assertThat(layout.groups().get(0).index()).containsExactly(1, 2, 3, 0, 0, 0);
        assertThat(layout.restore()).containsExactly(3, 0, 1, 2);
    }

    @Test
    void longSequencesAreNotPaddedToMuchLongerOnes() {
        PackedLayout layout = PackedLayout.of(batch(100, 400, 380, 90));

        assertThat(layout.groups()).extracting(PackedLayout.Group::longest).containsExactly(400, 100);
        assertThat(layout.groups()).extracting(PackedLayout.Group::sequences).containsExactly(2, 2);
        assertThat(layout.restore()[100]).as("the longest sequence comes first").isEqualTo(0);
    }

    @Test
    void everyTokenIsRestoredFromWhereItsGroupPutIt() {
        PackedLayout layout = PackedLayout.of(batch(70, 3, 200, 66, 130, 1));

        long[] gathered = layout.groups().stream()
                .flatMapToLong(group -> Arrays.stream(group.index()))
                .toArray();
        for (int token = 0; token < layout.restore().length; token++) {
            assertThat(gathered[(int) layout.restore()[token]]).isEqualTo(token);
        }
    }

    private static Batch batch(int... lengths) {
        int total = Arrays.stream(lengths).sum();
        return new Batch(new int[total], lengths, new int[total]);
    }
}
