package dev.tunegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchProxyCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void itSaysWhatTheGatewayAdds() throws Exception {
        assertThat(run("--rate", "40", "--seconds", "1", "--rounds", "1", "--store", "--json"))
                .isZero();
        JsonNode result = new ObjectMapper().readTree(out.toString());
        for (String what : new String[] {"whole", "first_byte"}) {
            JsonNode comparison = result.path(what);
            assertThat(comparison.path("added_p50_ms").isNumber()).isTrue();
            assertThat(comparison.path("added_p99_ms").isNumber()).isTrue();
            for (String side : new String[] {"direct", "through"}) {
                JsonNode latencies = comparison.at("/rounds/0/" + side);
                assertThat(latencies.path("answers").asInt()).isEqualTo(40);
                assertThat(latencies.path("failed").asInt()).isZero();
                assertThat(latencies.path("p50_ms").asDouble()).isPositive();
            }
        }
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aRateOfNothingIsAWrongCommandLine() {
        assertThat(run("--rate", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rate: 0, must be at least 1");
    }

    private int run(String... options) {
        String[] line = new String[options.length + 2];
        line[0] = "bench";
        line[1] = "proxy";
        System.arraycopy(options, 0, line, 2, options.length);
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(line);
    }
}
