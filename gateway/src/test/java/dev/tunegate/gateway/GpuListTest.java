package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuListTest {
    /** Plays the trainer's command {@code devices}: prints its arguments, the last of which is the exit status. */
    public static final class Devices {
        private Devices() {}

        public static void main(String[] args) {
            for (int i = 0; i < args.length - 1; i++) {
                System.out.println(args[i]);
            }
            System.exit(Integer.parseInt(args[args.length - 1]));
        }
    }

    @Test
    void theGpusAreThoseTheTrainerNames() throws Exception {
        List<String> command = command(
                "12:00:00.000 WARN trainer cuda:9 in a log line",
                "cuda:0  compute capability 9.0",
                "cuda:1  compute capability 9.0",
                "cpu",
                "0");
        assertThat(GpuList.ask("cu128", command)).containsExactly("cuda:0", "cuda:1");
    }

    @Test
    void theLibtorchOfTheCpuIsNotAsked() throws Exception {
        assertThat(GpuList.ask("", command("cuda:0", "0"))).isEmpty();
        assertThat(GpuList.ask("cpu", command("cuda:0", "0"))).isEmpty();
    }

    @Test
    void aTrainerThatFailsStopsTheStart() {
        assertThatThrownBy(() -> GpuList.ask("cu128", command("error: no libcudart", "1")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("error: no libcudart");
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Devices.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
