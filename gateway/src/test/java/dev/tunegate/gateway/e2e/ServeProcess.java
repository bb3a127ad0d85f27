package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ChildJvm;
import dev.tunegate.gateway.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tunegate serve} as a process of its own, on a free port. */
final class ServeProcess {
    private static final Pattern LISTENS = Pattern.compile("Tunegate listens on (\\S+), its data is in .*");

    private final Process process;
    private final URI baseUrl;

    private ServeProcess(Process process, URI baseUrl) {
        this.process = process;
        this.baseUrl = baseUrl;
    }

    /** @param log what it logs is added to this file */
    static ServeProcess start(Map<String, String> environment, Path log) throws IOException {
        ProcessBuilder builder = ChildJvm.command(Main.class.getName(), List.of("-Xmx256m"), List.of("serve"));
        builder.environment().put("TUNEGATE_PORT", "0");
        builder.environment().putAll(environment);
        Process process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        Matcher line = LISTENS.matcher(String.valueOf(out.readLine()));
        assertThat(line.matches()).as(Files.readString(log)).isTrue();
        return new ServeProcess(process, URI.create(line.group(1)));
    }

    URI baseUrl() {
        return baseUrl;
    }

    /** As an interrupt ends it. */
    void stop() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    }

    /** As the kernel ends it when memory runs out. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
