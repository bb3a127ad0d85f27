package dev.tunegate.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceRequestTest {
    private static final List<CudaDevice> NONE = List.of();
    private static final List<CudaDevice> TWO =
            List.of(new CudaDevice(new TorchDevice(0), 75), new CudaDevice(new TorchDevice(1), 90));

    @Test
    void autoTakesTheFirstGpuElseTheCpu() throws Exception {
        assertThat(choose("auto", TWO)).isEqualTo("cuda:0");
        assertThat(choose("auto", NONE)).isEqualTo("cpu");
    }

    @Test
    void aDeviceThatIsNamedIsTaken() throws Exception {
        assertThat(choose("cuda:1", TWO)).isEqualTo("cuda:1");
        assertThat(choose("cpu", TWO)).isEqualTo("cpu");
    }

    @Test
    void aGpuThatIsNotThereIsAnErrorThatNamesThoseThatAre() {
        assertThatThrownBy(() -> choose("cuda:2", TWO))
                .isInstanceOf(DeviceRequest.Missing.class)
                .hasMessage("cuda:2 is not there; libtorch finds cuda:0, cuda:1, cpu");
        assertThatThrownBy(() -> choose("cuda:0", NONE))
                .isInstanceOf(DeviceRequest.Missing.class)
                .hasMessageStartingWith("cuda:0 is not there; libtorch finds no CUDA device, only cpu");
    }

    @Test
    void onlyTheCpuNeedsNoLookAtTheGpus() {
        assertThat(DeviceRequest.parse("cpu").needsCuda()).isFalse();
        assertThat(DeviceRequest.parse("auto").needsCuda()).isTrue();
        assertThat(DeviceRequest.parse("cuda:3").needsCuda()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda", "cuda:", "cuda:-1", "cuda:01", "cuda:100", "cuda:1 ", "CPU"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> DeviceRequest.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + text + "', must be auto, cpu or cuda:N");
    }

    private static String choose(String text, List<CudaDevice> found) throws DeviceRequest.Missing {
        return DeviceRequest.parse(text).choose(found).toString();
    }
}
