package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.torch.CudaDevice;
import dev.tunegate.trainer.torch.DeviceRequest;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code devices}: what {@code --device} can name here, one a line. */
@Command(name = "devices", description = "List the devices to compute on.", mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws DeviceRequest.Missing {
        PrintWriter out = spec.commandLine().getOut();
        for (CudaDevice gpu : CudaDevice.found()) {
            out.printf("%s  compute capability %s%n", gpu.device(), gpu.capabilityText());
        }
        out.println("cpu");
        return 0;
    }
}
