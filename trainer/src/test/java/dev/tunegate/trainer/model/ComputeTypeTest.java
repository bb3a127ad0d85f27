package dev.tunegate.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.torch.CudaDevice;
import dev.tunegate.trainer.torch.TorchDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeTypeTest {
    @ParameterizedTest
    @CsvSource({
        "75, FP32, '(compute capability 7.5, below 8.0)'",
        "80, BF16, '(compute capability 8.0)'",
        "90, BF16, '(compute capability 9.0)'",
        "120, BF16, '(compute capability 12.0)'"
    })
    void aGpuFromAmpereOnComputesInBfloat16(int capability, ComputeType type, String reason) {
        ComputeType.Choice choice = ComputeType.onGpu(new CudaDevice(new TorchDevice(0), capability));
        assertThat(choice.type()).isEqualTo(type);
        assertThat(choice.reason()).endsWith(reason);
    }
}
