package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code serve}: runs the gateway until it is told to stop. */
@Command(name = "serve", description = "Run the gateway and its trainer.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServeOptions options = new ServeOptions();

    @Override
    public Integer call() throws Exception {
        GatewayOptions read = options.read();
        Gateway gateway = Gateway.start(read);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            gateway.close();
                            stopped.countDown();
                        },
                        "stop"));
        var out = spec.commandLine().getOut();
        out.printf(
                "Tunegate listens on %s/v1, its data is in %s%n",
                gateway.url(), read.dataDir().toAbsolutePath().normalize());
        out.flush();
        stopped.await();
        return 0;
    }
}
