package dev.tunegate.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

    private static final String MIXED = "naïve 日本 🙂🙂 é ok";

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_tied_rope3", "qwen2"})
    void everyTokenNamesTheWholeCharactersItStandsFor(String name) throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load(name)) {
            Encoded encoded = tokenizer.encodeWithSpans(MIXED);
            assertThat(encoded.ids()).isEqualTo(tokenizer.encode(MIXED));
            int end = 0;
            for (Span span : encoded.spans()) {
                assertThat(span.start()).as("no gap").isLessThanOrEqualTo(end);
                assertThat(isInsidePair(MIXED, span.start()) || isInsidePair(MIXED, span.end()))
                        .as("an edge inside a surrogate pair")
                        .isFalse();
                end = Math.max(end, span.end());
            }
            assertThat(end).isEqualTo(MIXED.length());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_tied_rope3", "qwen2"})
    void aSpanTakesAllTokensOfItsCharactersAndNoOthers(String name) throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load(name)) {
            String text = "日🙂本";
            Encoded encoded = tokenizer.encodeWithSpans(text);
            int[] emoji = only(encoded, encoded.within(List.of(new Span(1, 3))));
            assertThat(tokenizer.decode(emoji)).isEqualTo("🙂");
            assertThat(emoji).hasSize(4);
            int[] outside = only(encoded, encoded.within(List.of(new Span(0, 1), new Span(3, 4))));
            assertThat(tokenizer.decode(outside).strip()).isEqualTo("日本");
        }
    }

    @Test
    void halfASurrogatePairShiftsNoOffset() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            String text = "a\uD83D b";
            List<Span> spans = tokenizer.encodeWithSpans(text).spans();
            assertThat(spans.get(spans.size() - 1).end()).isEqualTo(text.length());
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo("a\uFFFD b");
        }
    }

    @Test
    void nothingIsTruncated() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            String text = "days ".repeat(2000);
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void specialTokensInTheTextAreTheirIdsAndDecodeToNothing() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            assertThat(tokenizer.encode("<|im_start|>")).containsExactly(381);
            assertThat(tokenizer.decode(new int[] {381, 382})).isEmpty();
        }
    }

    @Test
    void knowsTheTokensThatEndItsTexts() throws IOException {
        try (Tokenizer llama = Tokenizers.load("llama");
                Tokenizer qwen = Tokenizers.load("qwen2")) {
            assertThat(llama.eos()).hasValue(2);
            assertThat(llama.stopIds()).containsExactly(2);
            assertThat(qwen.stopIds()).containsExactly(382);
        }
    }

    @Test
    void stopsAtEveryEndThatTheModelsFilesName(@TempDir Path directory) throws IOException {
        Files.copy(Tokenizers.directory("qwen2").resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                "{\"eos_token\": {\"content\": \"<|endoftext|>\", \"special\": true}}");
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [380, 5]}");
        Files.writeString(
                directory.resolve("chat_template.jinja"),
                "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>\n{% endfor %}"
                        + "{% if add_generation_prompt %}<|im_start|>{% endif %}");
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            assertThat(tokenizer.eos()).hasValue(380);
            assertThat(tokenizer.stopIds()).containsExactlyInAnyOrder(380, 5, 382);
        }
    }

    @Test
    void aDirectoryWithoutTokenizerIsRefused(@TempDir Path directory) {
        assertThatThrownBy(() -> Tokenizer.load(directory))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("no tokenizer.json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"added_tokens": [                                       | not JSON
                    {"model": {"type": "Abacus", "vocab": {}, "merges": []}} | cannot be used
                    """)
    void aTokenizerFileThatCannotBeUsedIsRefused(String content, String problem, @TempDir Path directory)
            throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), content);

        assertThatThrownBy(() -> Tokenizer.load(directory))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining(problem);
    }

    @Test
    void aTokenizerLargerThanTheEmbeddingIsRefused(@TempDir Path directory) throws IOException {
        copyTokenizer("qwen2", directory);
        Files.writeString(directory.resolve("config.json"), "{\"vocab_size\": 380}");

        assertThatThrownBy(() -> Tokenizer.load(directory))
                .isInstanceOf(InvalidCheckpoint.class)
                .hasMessageContaining("tokenizer.json has ids up to 382")
                .hasMessageContaining("an embedding for 380 tokens (vocab_size)");
    }

    /** The text models of Gemma 3 have the tokenizer of those that see images. */
    @Test
    void theTokenForImagesNeedsNoEmbeddingUntilATextHoldsIt(@TempDir Path directory) throws IOException {
        copyTokenizer("qwen2", directory);
        Path file = directory.resolve("tokenizer.json");
        Files.writeString(file, Files.readString(file).replace("<|im_end|>", "<image_soft_token>"));
        Files.writeString(directory.resolve("config.json"), "{\"vocab_size\": 382}");

        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            assertThat(tokenizer.encode("text")).isNotEmpty();
            assertThatThrownBy(() -> tokenizer.encode("text <image_soft_token>"))
                    .isInstanceOf(InvalidCheckpoint.class)
                    .hasMessageContaining("holds '<image_soft_token>'");
        }
    }

    private static void copyTokenizer(String name, Path directory) throws IOException {
        Files.copy(Tokenizers.directory(name).resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_tied_rope3", "qwen2"})
    void aStreamNeverEmitsPartOfACharacter(String name) throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load(name)) {
            List<String> pieces = new ArrayList<>();
            TokenStream stream = tokenizer.stream();
            for (int id : tokenizer.encode(MIXED)) {
                pieces.add(stream.add(id));
            }
            pieces.add(stream.finish());
            assertThat(String.join("", pieces)).isEqualTo(MIXED);
            assertThat(pieces).noneMatch(piece -> piece.contains("\uFFFD"));
            assertThat(pieces).contains("🙂");
        }
    }

    @Test
    void aStreamThatEndsWithinACharacterSaysSo() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            int[] ids = tokenizer.encode("a🙂");
            TokenStream stream = tokenizer.stream();
            assertThat(stream.add(ids[0])).isEqualTo("a");
            assertThat(stream.add(ids[1])).isEmpty();
            assertThat(stream.finish()).isEqualTo("\uFFFD");
            assertThat(stream.finish()).isEmpty();
        }
    }

    @Test
    void bytesThatAreNoCharacterDoNotBreakTheOnesAfterThem() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            int[] emoji = tokenizer.encode("🙂");
            TokenStream stream = tokenizer.stream();
            StringBuilder text = new StringBuilder(stream.add(emoji[3]));
            for (int id : emoji) {
                text.append(stream.add(id));
            }
            assertThat(text).hasToString("\uFFFD🙂");
        }
    }

    private static int[] only(Encoded encoded, boolean[] wanted) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i]) {
                ids.add(encoded.ids()[i]);
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean isInsidePair(String text, int index) {
        return index > 0
                && index < text.length()
                && Character.isSurrogatePair(text.charAt(index - 1), text.charAt(index));
    }
}
