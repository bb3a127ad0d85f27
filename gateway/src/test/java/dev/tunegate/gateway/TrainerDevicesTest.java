package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrainerDevicesTest {
    private static final List<String> TWO = List.of("cuda:0", "cuda:1");

    @Test
    void withoutANumberThereIsOneTrainerForEachGpuElseOne() throws Exception {
        assertThat(devices(null, "auto", TWO)).containsExactly("cuda:0", "cuda:1");
        assertThat(devices(null, "auto", List.of())).containsExactly("cpu");
    }

    @Test
    void aNumberTakesTheFirstGpus() throws Exception {
        assertThat(devices(2, "auto", List.of("cuda:0", "cuda:1", "cuda:2"))).containsExactly("cuda:0", "cuda:1");
        assertThat(devices(3, "auto", List.of())).containsExactly("cpu", "cpu", "cpu");
    }

    @Test
    void oneTrainerFindsItsDeviceItself() throws Exception {
        assertThat(TrainerDevices.of(1, "auto", () -> {
                    throw new AssertionError("asked");
                }))
                .containsExactly("auto");
    }

    @Test
    void aDeviceThatIsNamedIsNotLookedFor() throws Exception {
        assertThat(devices(null, "cuda:1", TWO)).containsExactly("cuda:1");
        assertThat(devices(null, "cpu", TWO)).containsExactly("cpu");
        assertThat(devices(2, "cpu", TWO)).containsExactly("cpu", "cpu");
    }

    @Test
    void noTrainersNeedNoDevice() throws Exception {
        for (String device : List.of("auto", "cpu", "cuda:0")) {
            assertThat(devices(0, device, TWO)).isEmpty();
        }
    }

    @Test
    void aGpuIsNotShared() {
        assertThatThrownBy(() -> devices(3, "auto", TWO))
                .isInstanceOf(StartupFailure.class)
                .hasMessage("--trainers 3: there are only cuda:0, cuda:1, and a trainer has one for itself; the others"
                        + " would need --device cpu");
        assertThatThrownBy(() -> devices(2, "cuda:1", TWO))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("--device cuda:1 is one device")
                .hasMessageContaining("--trainers 2 goes with --device auto or cpu");
    }

    @Test
    void trainersOnTheCpuShareItsProcessors() {
        assertThat(TrainerDevices.threads(List.of("cpu", "cpu"), 8)).isEqualTo(4);
        assertThat(TrainerDevices.threads(List.of("cpu", "cpu", "cpu"), 2)).isEqualTo(1);
        assertThat(TrainerDevices.threads(List.of("cpu"), 8)).isZero();
        assertThat(TrainerDevices.threads(TWO, 8)).isZero();
    }

    private static List<String> devices(@Nullable Integer trainers, String device, List<String> gpus)
            throws StartupFailure {
        return TrainerDevices.of(trainers, device, () -> gpus);
    }
}
