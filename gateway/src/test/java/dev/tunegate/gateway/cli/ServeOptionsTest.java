package dev.tunegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.GatewayOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ServeOptionsTest {
    @Command
    private static final class Parsed {
        @Mixin
        private ServeOptions options = new ServeOptions();
    }

    @Test
    void withoutANumberTheTrainersFollowTheDevices() {
        assertThat(parsed().trainers()).isNull();
        assertThat(parsed().device()).isEqualTo("auto");
    }

    @Test
    void trainersAndTheirDeviceAreTaken() {
        GatewayOptions options = parsed("--trainers", "2", "--device", "cpu");
        assertThat(options.trainers()).isEqualTo(2);
        assertThat(options.device()).isEqualTo("cpu");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --device   | gpu     | --device must be auto, cpu or cuda:N, not 'gpu'
                    --device   | cuda    | --device must be auto, cpu or cuda:N, not 'cuda'
                    --trainers | 65      | --trainers must be from 0 to 64, not 65
                    --trainers | -1      | --trainers must be from 0 to 64, not -1
                    """)
    void anythingElseIsAUsageError(String option, String value, String message) {
        StringWriter err = new StringWriter();
        int status = Main.commandLine().setErr(new PrintWriter(err, true)).execute("serve", option, value);
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    private static GatewayOptions parsed(String... args) {
        Parsed parsed = new Parsed();
        new CommandLine(parsed).parseArgs(args);
        return parsed.options.read();
    }
}
