package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepTimesTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void itSaysWhereTheTimeWent() {
        StepTimes times = new StepTimes();
        times.passes(20 * SECOND, 35 * SECOND);
        times.passes(SECOND, SECOND / 2);
        times.optimizer(6 * SECOND);
        times.waited(3 * SECOND);

        assertThat(times.text(240, 74))
                .isEqualTo("240 steps in 74.0 s: forward 21.0, backward 35.5, optimizer 6.0, waiting 3.0, other 8.5 s");
    }

    @Test
    void passesSideBySideCountOnce() {
        StepTimes times = new StepTimes();
        StepTimes one = new StepTimes();
        one.passes(2 * SECOND, 4 * SECOND);
        StepTimes other = new StepTimes();
        other.passes(4 * SECOND, 6 * SECOND);
        times.sideBySide(List.of(one, other));

        assertThat(times.forwardSeconds()).isEqualTo(3);
        assertThat(times.backwardSeconds()).isEqualTo(5);
    }
}
