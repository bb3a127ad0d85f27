package dev.tunegate.trainer.starter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerFilesTest {
    private static final int VOCABULARY = 400;

    @TempDir
    private Path directory;

    @Test
    void theWrittenTokenizerLoadsAndGivesEveryTextBack() throws Exception {
        try (HuggingFaceTokenizer tokenizer = learned()) {
            String text = "Show all \"Größen\" für 5 €,\n\tsorted_by price 🚲 → [{\"$match\":1}]";
            assertThat(tokenizer.decode(ids(tokenizer, text), false)).isEqualTo(text);
        }
    }

    @Test
    void aNameHasTheSameTokensAfterASpaceAQuoteAndABracket() throws Exception {
        try (HuggingFaceTokenizer tokenizer = learned()) {
            long[] name = ids(tokenizer, "Lisbon");
            assertThat(ids(tokenizer, " Lisbon")).endsWith(name);
            assertThat(ids(tokenizer, "\"Lisbon\"")).containsSequence(name);
            assertThat(ids(tokenizer, "(Lisbon")).endsWith(name);
        }
    }

    @Test
    void theVocabularyHasTheWantedSizeWithoutHoles() throws Exception {
        learned().close();
        var vocabulary = new ObjectMapper()
                .readTree(directory.resolve("tokenizer.json").toFile())
                .at("/model/vocab");
        assertThat(vocabulary.size()).isEqualTo(VOCABULARY);
        assertThat(vocabulary).extracting(id -> id.asInt()).containsExactlyElementsOf(range(VOCABULARY));
    }

    @Test
    void specialTokensAreOneTokenEach() throws Exception {
        try (HuggingFaceTokenizer tokenizer = learned()) {
            assertThat(ids(tokenizer, "<|im_start|>user\nhi<|im_end|>"))
                    .startsWith(1L)
                    .endsWith(2L);
        }
    }

    private HuggingFaceTokenizer learned() throws Exception {
        List<String> texts = Stream.generate(new StarterText(1)::next)
                .limit(300)
                .map(StarterText.Example::toChatText)
                .toList();
        TokenizerFiles.write(directory, texts, VOCABULARY, 512);
        return HuggingFaceTokenizer.builder()
                .optTokenizerPath(directory)
                .optAddSpecialTokens(false)
                .optTruncation(false)
                .build();
    }

    private static long[] ids(HuggingFaceTokenizer tokenizer, String text) {
        Encoding encoding = tokenizer.encode(text);
        return encoding.getIds();
    }

    private static List<Integer> range(int end) {
        return IntStream.range(0, end).boxed().toList();
    }
}
