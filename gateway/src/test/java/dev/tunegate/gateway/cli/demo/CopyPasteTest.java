package dev.tunegate.gateway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CopyPasteTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aShellReadsTheQuestionBackAsItWas() throws Exception {
        ArrayNode messages = JSON.createArrayNode();
        messages.addObject().put("role", "user").put("content", "What's \"it\"? $HOME `id` \\ done");
        String lines = CopyPaste.lines(URI.create("http://127.0.0.1:1/v1"), "ft:m:o::x", messages);
        // Instead of calling the programs, print their last argument: curl's -d, python3's -c, node's -e.
        String last = "{ printf '%s\\0' \"${@: -1}\"; }";
        String shell = "curl() " + last + "\npython3() " + last + "\nnode() " + last + "\n"
                + lines.replaceAll("(?m)^(curl|Python|Node).*:$", "");
        String[] arguments = bash(shell).split("\0", -1);
        assertThat(arguments).hasSize(4);
        JsonNode body = JSON.readTree(arguments[0]);
        assertThat(body.path("model").asText()).isEqualTo("ft:m:o::x");
        assertThat(body.path("messages")).isEqualTo(messages);
        assertThat(arguments[1]).contains("messages=" + messages + ")");
        assertThat(arguments[2]).contains("messages: " + messages + " })");
    }

    private static String bash(String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", script)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
