package dev.tunegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.RawHttp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KeysCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void keysAreMadeAndRevokedBesideARunningGatewayAndWithoutOne() throws Exception {
        String secret;
        try (Gateway gateway = Gateway.start(GatewayOptions.in(directory))) {
            assertThat(run("create", "--project", "blue", "--name", "laptop")).isZero();
            secret = out.toString().strip();
            assertThat(secret).matches("sk-tg-\\w{48}");
            assertThat(err.toString()).contains("project blue").doesNotContain(secret);
            assertThat(files(gateway, secret)).contains("HTTP/1.1 200 ").contains("openai-organization: blue");
            assertThat(files(gateway, "none")).contains("HTTP/1.1 401 ");
        }

        assertThat(run("list")).isZero();
        assertThat(out.toString())
                .contains("blue", "laptop", "active", secret.substring(0, 10))
                .doesNotContain(secret);
        String id = out.toString().replaceAll("(?s).*(key_\\w{24}).*", "$1");
        assertThat(run("revoke", id)).isZero();
        assertThat(run("revoke", id)).isEqualTo(1);
        assertThat(err.toString()).contains("no active key has the id " + id);
        assertThat(run("list")).isZero();
        assertThat(out.toString()).contains("revoked");
    }

    @Test
    void aWrongCommandLineSaysWhatIsWrong() {
        assertThat(run("create", "--project", "a b")).isEqualTo(2);
        assertThat(err.toString()).contains("--project takes 1 to 64 letters");
        assertThat(run("create", "--kind", "root")).isEqualTo(2);
        assertThat(err.toString()).contains("--kind");
        assertThat(run("revoke")).isEqualTo(2);
        assertThat(err.toString()).contains("ID");
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] all = new String[args.length + 3];
        all[0] = "keys";
        System.arraycopy(args, 0, all, 1, args.length);
        all[args.length + 1] = "--data-dir";
        all[args.length + 2] = directory.toString();
        return line.execute(all);
    }

    private static String files(Gateway gateway, String key) {
        return RawHttp.exchange(
                gateway.port(),
                "GET /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key
                        + "\r\nConnection: close\r\n\r\n");
    }
}
