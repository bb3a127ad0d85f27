package dev.tunegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.GatewayOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    void withoutANumberTheTrainersFollowTheDevices() throws Exception {
        assertThat(parsed().trainers()).isNull();
        assertThat(parsed().device()).isEqualTo("auto");
    }

    @Test
    void trainersAndTheirDeviceAreTaken() throws Exception {
        GatewayOptions options = parsed("--trainers", "2", "--device", "cpu");
        assertThat(options.trainers()).isEqualTo(2);
        assertThat(options.device()).isEqualTo("cpu");
    }

    @Test
    void theConfigurationOfTheDataDirectoryIsRead(@TempDir Path directory) throws Exception {
        Path models = Files.createDirectory(directory.resolve("more"));
        Files.writeString(
                directory.resolve("tunegate.yaml"),
                "aliases: {gpt-4o-mini: base}\nmodels_dirs: [more]\nlimits: {max_upload_mb: 3, min_free_mb: 5}\n");
        GatewayOptions options = parsed("--data-dir", directory.toString(), "--models-dir", "here");
        assertThat(options.routes().resolve("gpt-4o-mini")).isEqualTo("base");
        assertThat(options.modelsDirs()).containsExactly(Path.of("here"), models);
        assertThat(options.maxUploadBytes()).isEqualTo(3L << 20);
        assertThat(options.minFreeBytes()).isEqualTo(5L << 20);
    }

    @Test
    void optionsWinOverTheConfigurationAndADefaultIsLeft(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("other.yaml"), "limits: {max_upload_mb: 3}\n");
        assertThat(parsed("--config", file.toString()).maxUploadBytes()).isEqualTo(3L << 20);
        assertThat(parsed("--config", file.toString(), "--max-upload-mb", "5").maxUploadBytes())
                .isEqualTo(5L << 20);
        assertThat(parsed("--data-dir", directory.toString()).maxUploadBytes()).isEqualTo(512L << 20);
    }

    @Test
    void nothingIsStartedWithAConfigurationThatIsWrong(@TempDir Path directory) throws Exception {
        Path file =
                Files.writeString(directory.resolve("tunegate.yaml"), "alias:\n  a: b\nlimits:\n  max_upload_mb: x\n");
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute("serve", "--data-dir", directory.toString());
        assertThat(status).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        file + ":1: alias: unknown; did you mean aliases?",
                        file + ":4: limits.max_upload_mb: takes a number from 1 to 1000000, not 'x'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --device   | gpu     | --device must be auto, cpu or cuda:N, not 'gpu'
                    --device   | cuda    | --device must be auto, cpu or cuda:N, not 'cuda'
                    --trainers | 65      | --trainers must be from 0 to 64, not 65
                    --trainers | -1      | --trainers must be from 0 to 64, not -1
                    --max-upload-mb | 0  | --max-upload-mb must be from 1 to 1000000, not 0
                    """)
    void anythingElseIsAUsageError(String option, String value, String message) {
        StringWriter err = new StringWriter();
        int status = Main.commandLine().setErr(new PrintWriter(err, true)).execute("serve", option, value);
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    private static GatewayOptions parsed(String... args) throws Exception {
        Parsed parsed = new Parsed();
        new CommandLine(parsed).parseArgs(args);
        return parsed.options.read();
    }
}
