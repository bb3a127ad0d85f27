package dev.tunegate.trainer.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.torch.OnTestDevice;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(OnTestDevice.class)
class GemmPeakTest {
    /** For one type there are two libraries to choose from on some machines, for the other never. */
    @ParameterizedTest
    @EnumSource(ComputeType.class)
    void everyTypeHasAPeak(ComputeType type) {
        assertThat(GemmPeak.measure(type, new GemmPeak.Size(64, 64))).isBetween(1e6, 1e16);
    }
}
