package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.dataset.TrainingItem;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The order in which examples are trained on. */
class DataOrderTest extends TrainingLoopFixture {
    @Test
    void everyEpochGoesThroughAllExamplesInAnotherOrder() {
        DataOrder order = new DataOrder(TRAINING, 4, 7);

        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        List<TrainingItem> first = IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(step -> order.batch(step).stream())
                .toList();
        List<TrainingItem> second = IntStream.rangeClosed(4, 6)
                .boxed()
                .flatMap(step -> order.batch(step).stream())
                .toList();
        assertThat(first).containsExactlyInAnyOrderElementsOf(TRAINING).isNotEqualTo(TRAINING);
        assertThat(second).containsExactlyInAnyOrderElementsOf(TRAINING).isNotEqualTo(first);
    }
}
