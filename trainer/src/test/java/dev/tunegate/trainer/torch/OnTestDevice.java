package dev.tunegate.trainer.torch;

import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs a test class on the device that {@code -Dtest.device} names, the CPU without it. */
public final class OnTestDevice implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) throws DeviceRequest.Missing {
        DeviceRequest request = DeviceRequest.parse(System.getProperty("test.device", "cpu"));
        Torch.useDevice(request.choose(request.needsCuda() ? CudaDevice.found() : List.of()));
    }
}
