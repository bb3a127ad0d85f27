package dev.tunegate.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a file is said with its line, all of it at once, and without anything that is secret. */
class ConfigurationErrorsTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("BLANK", "", "SECRET", "s3cret value", "SECRET_URL", "https://me:s3cret@host/v1", "FORTY", "40");

    @TempDir
    private Path directory;

    @Test
    void allErrorsOfAFileAreReportedTogetherEachWithItsLine() throws IOException {
        assertThat(errors("""
                upstreams:
                  - name: openai
                    base_ulr: https://api.openai.com/v1
                    api_key: ${NOT_SET}
                    models: [gpt-*, 'gpt-[45]', gpt-*]
                    for: [fine_tuning, embeddings]
                    timeout: 2h
                    retries: 11
                  - name: openai
                    base_url: ftp://host/v1
                    api_key: ${BLANK}
                    organization: ${SECRET}
                    retries: ${FORTY}
                  - name: a
                    base_url: ${SECRET_URL}
                    models: []
                    for: []
                    name: b
                  - just text
                aliases:
                  one: two
                  two: three
                  three: one
                  number: 4
                models_dirs: models
                limits:
                  max_upload_mb: 0
                  min_free_mb: -1
                surprise: 1
                """))
                .containsExactly(
                        "2: upstreams[0]: base_url is missing",
                        "3: upstreams[0].base_ulr: unknown; did you mean base_url?",
                        "4: upstreams[0].api_key: the environment variable NOT_SET is not set",
                        "5: upstreams[0].models[2]: stands in the list already",
                        "5: upstreams[0].models[1]: a glob is made of letters, digits and ._:/@+- , * for any run of"
                                + " characters and ? for one, not 'gpt-[45]'",
                        "6: upstreams[0].for[1]: takes fine_tuning or chat, not 'embeddings'",
                        "7: upstreams[0].timeout: takes 1s to 1h, in seconds or as in 90s, 10m, 1h, not '2h'",
                        "8: upstreams[0].retries: takes a number from 0 to 10, not '11'",
                        "9: upstreams[1]: models is missing",
                        "10: upstreams[1].base_url: takes a URL that begins with http:// or https://",
                        "11: upstreams[1].api_key: the environment variable BLANK is empty",
                        "12: upstreams[1].organization: takes visible ASCII characters, at most 1000, and no blanks",
                        "13: upstreams[1].retries: takes a number from 0 to 10",
                        "15: upstreams[2].base_url: takes a URL without a user or password; the key has its place at"
                                + " api_key",
                        "16: upstreams[2].models: needs a glob at least, as in [gpt-*]",
                        "17: upstreams[2].for: needs one of fine_tuning, chat; without the key it is for all",
                        "18: upstreams[2].name: stands in line 14 already",
                        "19: upstreams[3]: takes the keys of an upstream, not text",
                        "21: aliases.one: leads back to itself: one → two → three → one",
                        "24: aliases.number: takes text, not a number; put it in quotes",
                        "25: models_dirs: takes a list, not text",
                        "27: limits.max_upload_mb: takes a number from 1 to 1000000, not '0'",
                        "28: limits.min_free_mb: takes a number from 0 to 1000000, not '-1'",
                        "29: surprise: unknown; allowed are upstreams, aliases, serving, models_dirs, limits");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            api.openai.com/v1       | takes a URL that begins with http:// or https://
            file:///etc/passwd      | takes a URL that begins with http:// or https://
            https://                | is no URL; one looks like https://api.openai.com/v1
            https://my_host/v1      | names no host; one is made of letters, digits, dots and dashes, and a URL looks like https://api.openai.com/v1
            https:///v1             | names no host; one is made of letters, digits, dots and dashes, and a URL looks like https://api.openai.com/v1
            https://host:99999/v1   | names no host; one is made of letters, digits, dots and dashes, and a URL looks like https://api.openai.com/v1
            https://sk-key@host/v1  | takes a URL without a user or password; the key has its place at api_key
            https://host/v1?key=sk  | takes a URL without ? and #
            'https://host/v1#x'     | takes a URL without ? and #
            'https://ho st/v1'      | is no URL; one looks like https://api.openai.com/v1
            """)
    void urlsThatAreNone(String url, String message) throws IOException {
        assertThat(errors("upstreams: [{name: a, models: [a], base_url: '" + url + "'}]"))
                .containsExactly("1: upstreams[0].base_url: " + message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0s", "3601", "61m", "1d", "-5", "1.5", "soon", "true"})
    void timeoutsOutOfRange(String timeout) throws IOException {
        assertThat(errors("upstreams: [{name: a, models: [a], base_url: 'http://a', timeout: " + timeout + "}]"))
                .singleElement()
                .asString()
                .startsWith("1: upstreams[0].timeout: takes ");
    }

    @Test
    void anUpstreamMustHaveAName() throws IOException {
        assertThat(errors("upstreams:\n"
                        + "- base_url: http://a\n"
                        + "  models: [a]\n"
                        + "- {name: 'a b', base_url: 'http://a', models: [a]}\n"
                        + "- {name: 7, base_url: 'http://a', models: [a]}\n"
                        + "- {name:, base_url: 'http://a', models: [a]}"))
                .containsExactly(
                        "2: upstreams[0]: name is missing",
                        "4: upstreams[1].name: takes 1 to 64 letters, digits, dots, dashes and underscores, not 'a b'",
                        "5: upstreams[2].name: takes text, not a number; put it in quotes",
                        "6: upstreams[3].name: is empty; give it a value or leave it out");
    }

    @Test
    void extraFieldsThatNobodyMaySend() throws IOException {
        assertThat(errors("upstreams:\n"
                        + "- {name: a, base_url: 'http://a', models: [a],\n"
                        + "   extra_fields: [top_k, api_base, 'a b']}"))
                .containsExactly(
                        "3: upstreams[0].extra_fields[1]: is no client's to say: this file says where a model is"
                                + " answered, and with which key",
                        "3: upstreams[0].extra_fields[2]: takes the name of a field, as in [top_k, min_p], or * for"
                                + " all, not 'a b'");
    }

    @Test
    void twoUpstreamsOfOneName() throws IOException {
        assertThat(errors("upstreams:\n"
                        + "- {name: a, base_url: 'http://a', models: [a]}\n"
                        + "- {name: a, base_url: 'http://b', models: [b]}"))
                .containsExactly("3: upstreams[1].name: another upstream has this name already");
    }

    @Test
    void anAliasAndAnUpstreamThatSpellsOutItsNameContradictEachOther() throws IOException {
        assertThat(errors("""
                aliases:
                  gpt-4o-mini: base
                  gpt-4o: base
                  gpt-4o: other
                  ft:a: base
                  self: self
                upstreams:
                  - {name: a, base_url: 'http://a', models: [gpt-*, gpt-4o-mini]}
                """))
                .containsExactly(
                        "2: aliases.gpt-4o-mini: an upstream has this model, too; take it out of one of the two",
                        "4: aliases.gpt-4o: stands in line 3 already",
                        "5: aliases.ft:a: an alias has 1 to 256 visible ASCII characters, and does not begin with ft:",
                        "6: aliases.self: leads back to itself: self → self");
    }

    @Test
    void variablesThatAreNone() throws IOException {
        assertThat(errors("aliases:\n  a: ${}\n  b: ${A-B}\n  c: x${OPEN\n  d: ${NOT_SET}${BLANK}\n  e: $plain\n"))
                .containsExactly(
                        "2: aliases.a: ${ needs the name of an environment variable and a } behind it, as in ${HOME}",
                        "3: aliases.b: ${ needs the name of an environment variable and a } behind it, as in ${HOME}",
                        "4: aliases.c: ${ needs the name of an environment variable and a } behind it, as in ${HOME}",
                        "5: aliases.d: the environment variable NOT_SET is not set",
                        "5: aliases.d: the environment variable BLANK is empty");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            aliases: [a]           | 1: aliases: takes a map of keys, not a list
            upstreams: {a: b}      | 1: upstreams: takes a list, not a map of keys
            limits: 5              | 1: limits: takes a map of keys, not a number
            [a]                    | 1: takes the keys upstreams, aliases, serving, models_dirs, limits, not a list
            models_dirs: [none]    | 1: models_dirs[0]: takes directories that exist, not 'none'
            models_dirs: ["\\0"]   | 1: models_dirs[0]: takes directories that exist, not '\0'
            models_dirs: [*, a]    | 1: this is no YAML:
            models_dirs: [*a]      | 1: a * at the beginning refers to another place of the file; put the text in quotes
            models_dirs: [!!binary AA==] | 1: models_dirs[0]:
            aliases: {a: !!str 5, b: !x c, d: true} | 1: aliases.d: takes text, not a truth value; put it in quotes
            """)
    void otherShapes(String yaml, String message) throws IOException {
        assertThat(errors(yaml)).first().asString().startsWith(message);
    }

    @Test
    void servingIsReadAsStrictly() throws IOException {
        assertThat(errors("""
                aliases:
                  gpt-4o-mini: qwen
                serving:
                  gpt-4o-mini: {engine: worker}
                  ft:qwen:a::b: {engine: worker}
                  none: vllm
                  a: {base_url: 'http://a:8000'}
                  b: {engine: sglang}
                  c: {engine: worker, base_url: 'http://a:8000'}
                  d:
                    engine: vllm
                    base_url: http://gpu-box:8000/v1/
                    api_key: ${SECRET}
                    adapters_dir: nowhere
                    engine_dir: mnt/adapters
                    load_timeout: 2h
                  e: {engine: llama.cpp, base_url: 'http://me:pw@a:8000'}
                  f: {engine: ollama, base_url: 'http://a:11434', adapters_dir: /tmp}
                  f: {engine: ollama, base_url: 'http://a:11434', modell: m}
                """))
                .containsExactly(
                        "4: serving.gpt-4o-mini: is an alias; the name of the model that it stands for has its place"
                                + " here",
                        "5: serving.ft:qwen:a::b: takes the name of a base model; what was fine-tuned from it is served"
                                + " along with it",
                        "6: serving.none: takes the keys of an engine, such as engine, not text",
                        "7: serving.a: engine is missing",
                        "8: serving.b.engine: takes one of worker, vllm, llama.cpp, ollama, not 'sglang'",
                        "9: serving.c.base_url: workers need nothing but engine: worker",
                        "12: serving.d.base_url: takes the engine's own root: leave out the /v1",
                        "13: serving.d.api_key: takes visible ASCII characters, at most 1000, and no blanks",
                        "14: serving.d.adapters_dir: takes a directory that exists, not 'nowhere'",
                        "15: serving.d.engine_dir: takes an absolute path, as the engine sees the directory, not"
                                + " 'mnt/adapters'",
                        "16: serving.d.load_timeout: takes 1s to 1h, in seconds or as in 90s, 10m, 1h, not '2h'",
                        "17: serving.e.base_url: takes a URL without a user or password; the key has its place at"
                                + " api_key",
                        "17: serving.e: adapters_dir is missing",
                        "18: serving.f.adapters_dir: ollama gets its adapters by HTTP and needs no directory",
                        "19: serving.f: stands in line 18 already",
                        "19: serving.f.modell: unknown; did you mean model?");
    }

    @Test
    void whatIsNoYamlIsReportedWithoutTheFilesText() throws IOException {
        List<String> errors = errors("upstreams:\n  - api_key: sk-secret: more\n");
        assertThat(errors)
                .singleElement()
                .asString()
                .startsWith("2: this is no YAML: it cannot be read on from column ")
                .doesNotContain("sk-secret", "mapping", "block", "scann");
        assertThat(errors("aliases: {a: b}\n---\naliases: {}\n"))
                .containsExactly("3: a second document begins; the file must have one");
    }

    @Test
    void whatIsNoTextInUtf8() throws IOException {
        Path file = Files.write(directory.resolve("tunegate.yaml"), new byte[] {'a', (byte) 0xff});
        assertThat(catchThrowableOfType(InvalidConfiguration.class, () -> ConfigurationReader.read(file, Map.of())))
                .hasMessage(file + ": is no text in UTF-8");
    }

    /** The lines without the file's name. */
    private List<String> errors(String yaml) throws IOException {
        Path file = Files.writeString(directory.resolve("tunegate.yaml"), yaml);
        InvalidConfiguration refused =
                catchThrowableOfType(InvalidConfiguration.class, () -> ConfigurationReader.read(file, ENVIRONMENT));
        assertThat(refused).isNotNull();
        List<String> lines = String.valueOf(refused.getMessage()).lines().toList();
        assertThat(lines).allMatch(line -> line.startsWith(file + ":")).noneMatch(line -> line.contains("s3cret"));
        return lines.stream()
                .map(line -> line.substring(file.toString().length() + 1))
                .toList();
    }
}
