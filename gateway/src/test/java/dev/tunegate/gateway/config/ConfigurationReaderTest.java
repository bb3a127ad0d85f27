package dev.tunegate.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a configuration in order is read as. */
class ConfigurationReaderTest {
    private static final String KEY = "sk-very-secret";

    @TempDir
    private Path directory;

    @Test
    void everyKeyIsRead() throws Exception {
        Files.createDirectory(directory.resolve("models"));
        Configuration read = read("""
                upstreams:
                  - name: openai
                    base_url: https://api.openai.com/v1/
                    api_key: ${MY_KEY}
                    models: [gpt-*, "o?-mini"]
                    for: [chat]
                    organization: org-1
                    project: proj_${STAGE}
                    timeout: 90s
                    retries: 0
                  - name: vllm
                    base_url: http://${VLLM_HOST}:8000/v1
                    models: ['*']
                    extra_fields: [top_k, guided_json]
                aliases:
                  gpt-4o-mini: qwen2.5-1.5b
                  small: gpt-4o-mini
                models_dirs: [models]
                limits:
                  max_upload_mb: 64
                  min_free_mb: 1024
                  max_open_jobs: 5
                  max_stored_mb: 200
                  max_requests_per_minute: 60
                """, Map.of("MY_KEY", KEY, "STAGE", "blue", "VLLM_HOST", "10.0.0.7"));
        Upstream openai = read.upstreams().get(0);
        assertThat(openai.name()).isEqualTo("openai");
        assertThat(openai.baseUrl()).isEqualTo(URI.create("https://api.openai.com/v1"));
        assertThat(openai.apiKey()).isEqualTo(KEY);
        assertThat(openai.models()).containsExactly(new Glob("gpt-*"), new Glob("o?-mini"));
        assertThat(openai.purposes()).containsExactly(Purpose.CHAT);
        assertThat(openai.organization()).isEqualTo("org-1");
        assertThat(openai.project()).isEqualTo("proj_blue");
        assertThat(openai.timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(openai.retries()).isZero();
        Upstream vllm = read.upstreams().get(1);
        assertThat(vllm.baseUrl()).isEqualTo(URI.create("http://10.0.0.7:8000/v1"));
        assertThat(vllm.apiKey()).isNull();
        assertThat(vllm.purposes()).containsExactly(Purpose.FINE_TUNING, Purpose.CHAT);
        assertThat(vllm.timeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(vllm.retries()).isEqualTo(2);
        assertThat(vllm.extraFields().has("top_k")).isTrue();
        assertThat(vllm.extraFields().has("min_p")).isFalse();
        assertThat(openai.extraFields().has("top_k")).isFalse();
        assertThat(read.aliases())
                .containsExactlyInAnyOrderEntriesOf(Map.of("gpt-4o-mini", "qwen2.5-1.5b", "small", "gpt-4o-mini"));
        assertThat(read.modelsDirs()).containsExactly(directory.resolve("models"));
        assertThat(read.limits()).isEqualTo(new Limits(64, 1024, new ProjectLimits(5, 100_000, 200, 1_000, 60)));
        assertThat(read.toString()).contains("openai").doesNotContain(KEY);
    }

    @Test
    void whichEngineAnswersWithABaseModelIsRead() throws Exception {
        Files.createDirectory(directory.resolve("adapters"));
        Configuration read = read("""
                serving:
                  qwen2.5-1.5b:
                    engine: vllm
                    base_url: http://gpu-box:8000/
                    api_key: ${VLLM_KEY}
                    model: Qwen/Qwen2.5-1.5B-Instruct
                    adapters_dir: adapters
                    engine_dir: /mnt/adapters/
                    timeout: 2m
                    load_timeout: 90s
                  llama-3.2-1b: {engine: llama.cpp, base_url: 'http://127.0.0.1:8081', adapters_dir: adapters}
                  gemma-2-2b: {engine: ollama, base_url: 'http://127.0.0.1:11434'}
                  tunegate-starter: {engine: worker}
                """, Map.of("VLLM_KEY", KEY));
        Path adapters = directory.resolve("adapters");
        assertThat(read.serving())
                .containsExactly(
                        new EngineConfig(
                                "qwen2.5-1.5b",
                                EngineKind.VLLM,
                                URI.create("http://gpu-box:8000"),
                                KEY,
                                "Qwen/Qwen2.5-1.5B-Instruct",
                                new EngineConfig.SharedDirectory(adapters, "/mnt/adapters"),
                                Duration.ofMinutes(2),
                                Duration.ofSeconds(90)),
                        new EngineConfig(
                                "llama-3.2-1b",
                                EngineKind.LLAMA_CPP,
                                URI.create("http://127.0.0.1:8081"),
                                null,
                                "llama-3.2-1b",
                                new EngineConfig.SharedDirectory(adapters, adapters.toString()),
                                Duration.ofMinutes(10),
                                Duration.ofMinutes(5)),
                        new EngineConfig(
                                "gemma-2-2b",
                                EngineKind.OLLAMA,
                                URI.create("http://127.0.0.1:11434"),
                                null,
                                "gemma-2-2b",
                                null,
                                Duration.ofMinutes(10),
                                Duration.ofMinutes(5)));
        assertThat(read.toString()).contains("gpu-box").doesNotContain(KEY);
    }

    @Test
    void withoutAFileAndInAFileThatSaysNothingEverythingIsLocal() throws Exception {
        assertThat(ConfigurationReader.read(null, Map.of())).isEqualTo(Configuration.NONE);
        for (String nothing :
                new String[] {"", "# later\n", "---\n", "upstreams:\naliases:\nmodels_dirs:\nlimits:\n"}) {
            Configuration read = read(nothing, Map.of());
            assertThat(read.upstreams()).isEmpty();
            assertThat(read.aliases()).isEmpty();
            assertThat(read.limits()).isEqualTo(Limits.NONE);
        }
    }

    @Test
    void openAisKeyAloneIsAnUpstreamUnlessTheFileSaysWhichThereAre() throws Exception {
        Map<String, String> environment = Map.of("OPENAI_API_KEY", " " + KEY + "\n");
        for (Configuration implicit : new Configuration[] {
            ConfigurationReader.read(null, environment), read("aliases: {gpt-4o-mini: base}", environment)
        }) {
            Upstream openai = implicit.upstreams().get(0);
            assertThat(openai.name()).isEqualTo("openai");
            assertThat(openai.apiKey()).isEqualTo(KEY);
            assertThat(openai.baseUrl()).isEqualTo(URI.create("https://api.openai.com/v1"));
            assertThat(openai.models())
                    .extracting(Glob::pattern)
                    .containsExactly("gpt-*", "chatgpt-*", "o1*", "o3*", "o4*");
            assertThat(openai.purposes()).containsExactly(Purpose.FINE_TUNING, Purpose.CHAT);
        }
        assertThat(read("upstreams: []", environment).upstreams()).isEmpty();
        assertThat(read("upstreams: [{name: a, base_url: 'http://a/v1', models: [a]}]", environment)
                        .upstreams())
                .extracting(Upstream::name)
                .containsExactly("a");
        assertThat(ConfigurationReader.read(null, Map.of("OPENAI_API_KEY", "")).upstreams())
                .isEmpty();
    }

    @Test
    void openAisKeyMustFitIntoAHeader() {
        assertThatThrownBy(() -> ConfigurationReader.read(null, Map.of("OPENAI_API_KEY", "a\r\nX-Other: b")))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage("OPENAI_API_KEY: takes visible ASCII characters, at most 1000, and no blanks");
    }

    @Test
    void aFileThatIsNotThereIsAnError() {
        Path file = directory.resolve("none.yaml");
        assertThatThrownBy(() -> ConfigurationReader.read(file, Map.of()))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessage(file + ": there is no such file");
    }

    @Test
    void theDataDirectorysFileComesBeforeTheWorkingDirectorys() throws IOException {
        assertThat(ConfigurationFile.candidates(directory))
                .containsExactly(directory.resolve("tunegate.yaml"), Path.of("tunegate.yaml"));
        Path second = directory.resolve("second.yaml");
        Path first = directory.resolve("first.yaml");
        assertThat(ConfigurationFile.find(List.of(first, second))).isNull();
        Files.writeString(second, "");
        assertThat(ConfigurationFile.find(List.of(first, second))).isEqualTo(second);
        Files.writeString(first, "");
        assertThat(ConfigurationFile.find(List.of(first, second))).isEqualTo(first);
    }

    private Configuration read(String yaml, Map<String, String> environment) throws Exception {
        Path file = Files.writeString(directory.resolve("tunegate.yaml"), yaml);
        return ConfigurationReader.read(file, environment);
    }
}
