package dev.tunegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @Test
    void whatIsConfiguredIsShownWithoutKeys() throws Exception {
        Path file = Files.writeString(directory.resolve("tunegate.yaml"), """
                upstreams:
                  - name: openai
                    base_url: https://api.openai.com/v1
                    api_key: sk-secret
                    models: [gpt-*, o3*]
                    organization: org-1
                  - {name: vllm, base_url: 'http://10.0.0.7:8000/v1', models: ['*'], for: [chat], timeout: 5m,
                     retries: 0, extra_fields: ['*']}
                aliases:
                  gpt-4o-mini: qwen2.5-1.5b
                serving:
                  qwen2.5-1.5b:
                    engine: vllm
                    base_url: http://10.0.0.7:8000
                    api_key: sk-secret
                    model: Qwen/Qwen2.5-1.5B-Instruct
                    adapters_dir: .
                    engine_dir: /mnt/adapters
                  gemma-2-2b: {engine: ollama, base_url: 'http://10.0.0.8:11434'}
                limits:
                  max_upload_mb: 64
                  max_open_jobs: 20
                  max_requests_per_minute: 600
                """);
        assertThat(check("--data-dir", directory.toString())).isZero();
        assertThat(out.toString()).isEqualTo(file + """
                 is in order
                upstreams
                  openai  https://api.openai.com/v1
                    key  set
                    for  fine_tuning, chat
                    models  gpt-*, o3*
                    timeout  600 s, 2 retries
                    organization  org-1
                  vllm  http://10.0.0.7:8000/v1
                    key  not set
                    for  chat
                    models  *
                    timeout  300 s, 0 retries
                    extra_fields  *
                aliases
                  gpt-4o-mini → qwen2.5-1.5b
                serving
                  qwen2.5-1.5b → vllm  http://10.0.0.7:8000
                    key  set
                    model  Qwen/Qwen2.5-1.5B-Instruct
                    adapters_dir  %s
                    engine_dir  /mnt/adapters
                    timeout  600 s, loading 300 s
                  gemma-2-2b → ollama  http://10.0.0.8:11434
                    key  not set
                    model  gemma-2-2b
                    timeout  600 s, loading 300 s
                limits
                  max_upload_mb  64
                  min_free_mb  256
                  max_open_jobs  20
                  max_files  100000
                  max_stored_mb  1000000
                  max_open_chats  1000
                  max_requests_per_minute  600
                """.formatted(directory));
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void withoutAFileItSaysWhereItLooked() {
        assertThat(check("--data-dir", directory.toString())).isZero();
        assertThat(out.toString())
                .startsWith(
                        "No configuration file: neither " + directory.resolve("tunegate.yaml") + " nor tunegate.yaml\n")
                .contains("aliases  none\n", "max_upload_mb  512\n", "min_free_mb  256\n");
    }

    @Test
    void errorsEndItWithOneAndAWrongCommandLineWithTwo() throws Exception {
        Path file = Files.writeString(directory.resolve("x.yaml"), "upstreams: 1\nlimits: []\n");
        assertThat(check("--config", file.toString())).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        file + ":1: upstreams: takes a list, not a number",
                        file + ":2: limits: takes a map of keys, not a list");
        assertThat(out.toString()).isEmpty();
        assertThat(check("--config", directory.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString()).endsWith("none: there is no such file\n");
        assertThat(check("--confg", "x")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
    }

    @Test
    void aKeyThatOthersCanReadIsWarnedAbout() throws Exception {
        Path file = Files.writeString(directory.resolve("tunegate.yaml"), """
                upstreams:
                  - {name: a, base_url: 'https://a.example/v1', models: ['*'], api_key: sk-secret}
                """);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(check("--config", file.toString())).isZero();
        assertThat(err.toString())
                .startsWith("warning: " + file + ": other users of this machine can read the key in line 2")
                .doesNotContain("sk-secret");
    }

    private int check(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "check";
        System.arraycopy(args, 0, all, 1, args.length);
        return run(all);
    }

    private int run(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "config";
        System.arraycopy(args, 0, all, 1, args.length);
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
