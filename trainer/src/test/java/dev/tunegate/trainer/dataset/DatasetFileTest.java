package dev.tunegate.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import dev.tunegate.trainer.text.Tokenizers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetFileTest {

    private static final String GOOD =
            "{'messages': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'a'}]}";
    private static final String INVALID = "The job failed due to an invalid training file. ";

    @TempDir
    private Path directory;

    @Test
    void countsTheExamplesOfAGoodFile() throws Exception {
        assertThat(check(copies(GOOD, 12))).isEqualTo(12);
    }

    @Test
    void blankLinesCarriageReturnsAndAByteOrderMarkDoNoHarm() throws Exception {
        String text = "\uFEFF" + String.join("\r\n", copies(GOOD, 10)) + "\r\n\r\n  \n";
        assertThat(checkText(text)).isEqualTo(10);
    }

    @Test
    void anEmptyFileHasTooFewExamples() {
        assertThatThrownBy(() -> checkText(""))
                .isInstanceOfSatisfying(InvalidDataset.class, fault -> {
                    assertThat(fault.code()).isEqualTo("invalid_n_examples");
                    assertThat(fault.param()).isEqualTo("training_file");
                })
                .hasMessage("Training file has 0 example(s), but must have at least 10 examples");
        assertThatThrownBy(() -> check(copies(GOOD, 7)))
                .hasMessage("Training file has 7 example(s), but must have at least 10 examples");
    }

    @Test
    void aFaultOfTheValidationFileSaysSo() {
        assertThatThrownBy(() -> DatasetFile.check(
                        new DataFile(write("nonsense"), DataFile.Role.VALIDATION, "file-v"),
                        TrainingMethod.SUPERVISED,
                        Stop.NEVER))
                .isInstanceOfSatisfying(InvalidDataset.class, fault -> {
                    assertThat(fault.code()).isEqualTo("invalid_validation_file");
                    assertThat(fault.param()).isEqualTo("validation_file");
                })
                .hasMessageStartingWith(
                        "The job failed due to an invalid validation file. Invalid file format. Example 1 ");
    }

    @Test
    void aMissingFileIsNoFaultOfTheData() {
        assertThatThrownBy(() ->
                        DatasetFile.check(file(directory.resolve("nowhere")), TrainingMethod.SUPERVISED, Stop.NEVER))
                .isInstanceOf(NoSuchFileException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | is not valid JSON at column",
                "{'messages': [ | is not valid JSON at column",
                "{'messages': []} {} | is not valid JSON at column",
                "{'messages': [], 'messages': []} | two members of the same name",
                "[1] | is a JSON array; each line must be one JSON object",
                "'text' | is a JSON string; each line must be one JSON object",
                "{'messages': []} | has messages that are not a list of at least one message",
                "{'messages': 'x'} | has messages that are not a list of at least one message",
                "{'messages': [{'role': 'user', 'content': 'q'}]} | has no message from the assistant",
                "{'messages': ['x']}  | , message 1 is not a JSON object",
                "{'messages': [{'role': 'user', 'content': 'q'}, {'content': 'a'}]} | , message 2 has no role; expected one of system",
                "{'messages': [{'role': 'bot', 'content': 'q'}]} | , message 1 has the role \"bot\"; expected one of system",
                "{'messages': [{'role': 'user', 'content': 5}]} | , message 1 has a content that is neither",
                "{'messages': [{'role': 'user'}]} | , message 1 has no content",
                "{'messages': [{'role': 'assistant', 'content': null}]} | , message 1 has no content",
                "{'messages': [{'role': 'user', 'content': [{'type': 'image_url'}]}]} | of type \"image_url\"; only text",
                "{'messages': [{'role': 'user', 'content': [{'type': 'text'}]}]} | whose text is not a string",
                "{'messages': [{'role': 'assistant', 'content': 'a', 'weight': 0.5}]} | has the weight 0.5; expected 0 or 1",
                "{'messages': [{'role': 'user', 'content': 'a', 'weight': 1}]} | has a weight, which only an assistant",
                "{'messages': [{'role': 'assistant', 'tool_calls': [{'type': 'function'}]}]} | no name or no arguments",
                "{'messages': [{'role': 'assistant', 'tool_calls': {}, 'content': ''}]} | tool_calls that are not a list",
                "{'messages': [{'role': 'assistant', 'content': 'a'}], 'tools': [{'type': 'function'}]} | has a tool 1 without a name",
                "{'messages': [{'role': 'assistant', 'content': 'a'}], 'tools': {}} | has tools that are not a list of 0 to 128",
                "{'messages': [{'role': 'assistant', 'content': 'a'}], 'functions': []} | has functions that are not a list of 1 to 128",
                "{'prompt': 1, 'completion': 'x'} | is not in the fine-tune-chat format of the examples before it",
                "{'other': 1} | is not in the fine-tune-chat format of the examples before it",
            })
    void aBadLineIsNamedWithItsPlace(String line, String fault) {
        List<String> lines = copies(GOOD, 12);
        lines.set(10, line);
        assertThatThrownBy(() -> check(lines))
                .isInstanceOfSatisfying(
                        InvalidDataset.class, e -> assertThat(e.code()).isEqualTo("invalid_training_file"))
                .hasMessageStartingWith(INVALID + "Invalid file format. Example 11")
                .hasMessageContaining(fault)
                .hasMessageNotContaining("Source:");
    }

    @Test
    void theLineIsNamedToWhereBlankLinesMakeItAnother() {
        assertThatThrownBy(() -> checkText("\n\n{}x\n"))
                .hasMessageStartingWith(INVALID + "Invalid file format. Example 1 (line 3) is not valid JSON");
    }

    @Test
    void aFileOfNoKnownFormatIsRefusedAsAWhole() {
        assertThatThrownBy(() -> check(copies("{'text': 'x'}", 10)))
                .hasMessage(
                        INVALID + "Unexpected file format, expected either prompt/completion pairs or chat messages.");
    }

    @Test
    void aFileForAnotherMethodIsRefusedWithBothNames() {
        String pair = "{'input': {'messages': [{'role': 'user', 'content': 'q'}]},"
                + " 'preferred_output': [{'role': 'assistant', 'content': 'a'}],"
                + " 'non_preferred_output': [{'role': 'assistant', 'content': 'b'}]}";
        String graded = "{'messages': [{'role': 'user', 'content': 'q'}], 'answer': 42}";
        assertThatThrownBy(() -> check(copies(pair, 10)))
                .hasMessage(INVALID
                        + "Invalid file format. Input file file-t is in the fine-tune-preference format, but the"
                        + " specified fine-tuning job is not using 'dpo' as the training method (provided"
                        + " method=supervised).");
        assertThatThrownBy(() -> check(copies(graded, 10))).hasMessageContaining("is not using 'reinforcement' as");
        assertThatThrownBy(() -> DatasetFile.check(file(write(copies(GOOD, 10))), TrainingMethod.DPO, Stop.NEVER))
                .hasMessage(INVALID + "Invalid file format. Input file file-t is in the fine-tune-chat format, but the"
                        + " specified fine-tuning job is not using 'supervised' as the training method (provided"
                        + " method=dpo).");
    }

    @Test
    void aBinaryFileIsRefused() throws IOException {
        Path path = directory.resolve("data.jsonl");
        Files.write(path, new byte[] {(byte) 0x1F, (byte) 0x8B, 8, 0, 0, (byte) 0xFF, (byte) 0xFE, '\n', 1});
        assertThatThrownBy(() -> DatasetFile.check(file(path), TrainingMethod.SUPERVISED, Stop.NEVER))
                .hasMessage(
                        INVALID
                                + "Invalid file format. Example 1 is not UTF-8 text; upload JSON Lines, one JSON object a line");
    }

    @Test
    void aHugeLineIsRefusedBeforeItFillsTheMemory() throws IOException {
        Path path = directory.resolve("data.jsonl");
        byte[] block = new byte[1 << 20];
        Arrays.fill(block, (byte) 'x');
        try (OutputStream out = Files.newOutputStream(path)) {
            out.write((json(GOOD) + "\n").getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 64; i++) {
                out.write(block);
            }
        }
        assertThatThrownBy(() -> DatasetFile.check(file(path), TrainingMethod.SUPERVISED, Stop.NEVER))
                .hasMessage(INVALID + "Invalid file format. Example 2 is longer than 4 MB; a line holds one example");
    }

    @Test
    void deepNestingIsRefused() {
        List<String> lines = copies(GOOD, 10);
        lines.set(3, "{'messages': " + "[".repeat(100_000));
        assertThatThrownBy(() -> check(lines))
                .hasMessageStartingWith(INVALID + "Invalid file format. Example 4 exceeds a limit: ")
                .hasMessageContaining("nested deeper than 64 levels");
    }

    @Test
    void theAssistantsWordsAreTrainedOn() throws Exception {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            Dataset<Example> dataset = read(copies(GOOD, 10), tokenizer, 100);
            Example example = dataset.examples().get(0);
            assertThat(tokenizer.decode(trained(example, true)).strip()).isEqualTo("a");
            assertThat(trained(example, true)).contains(382);
            assertThat(tokenizer.decode(trained(example, false))).isEqualTo("user\nq\nassistant\n");
            assertThat(dataset.notes()).isEmpty();
        }
    }

    @Test
    void aCompletionIsTrainedOnWithTheEosThatEndsIt() throws Exception {
        try (Tokenizer tokenizer = Tokenizers.load("llama")) {
            Dataset<Example> dataset =
                    read(copies("{'prompt': 'What is', 'completion': ' the capital 🙂'}", 10), tokenizer, 100);
            Example example = dataset.examples().get(0);
            int[] tokens = example.tokens();
            assertThat(tokens[0]).isEqualTo(1);
            assertThat(example.trained()[0]).isFalse();
            assertThat(tokens[tokens.length - 1]).isEqualTo(2);
            assertThat(tokenizer.decode(trained(example, true)).strip()).isEqualTo("the capital 🙂");
            assertThat(tokenizer.decode(trained(example, false))).isEqualTo("What is");
        }
    }

    @Test
    void tooLongExamplesLoseTheirEndAndThoseWithNothingLeftToLearnAreLeftOut() throws Exception {
        List<String> lines = copies(GOOD, 8);
        lines.add(GOOD.replace("'a'", "'" + "days ".repeat(100) + "'"));
        lines.add(GOOD.replace("'q'", "'" + "days ".repeat(100) + "'"));
        lines.add(GOOD.replace("'a'", "'a', 'weight': 0"));
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            Dataset<Example> dataset = read(lines, tokenizer, 50);
            assertThat(dataset.examples()).hasSize(9);
            assertThat(dataset.examples().get(8).tokens()).hasSize(50);
            assertThat(dataset.truncated()).isEqualTo(2);
            assertThat(dataset.dropped()).isEqualTo(2);
            assertThat(dataset.notes())
                    .containsExactly(
                            "2 of 11 examples are longer than 50 tokens and were truncated at the end.",
                            "2 of 11 examples have nothing to learn and were left out: what the assistant says has"
                                    + " weight 0 or lies behind the cut.");
        }
    }

    @Test
    void aFileWithNothingToLearnIsRefused() throws Exception {
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            assertThatThrownBy(() -> read(copies(GOOD.replace("'a'", "'a', 'weight': 0"), 10), tokenizer, 50))
                    .isInstanceOf(InvalidDataset.class)
                    .hasMessageStartingWith(INVALID + "No example has anything to learn");
        }
    }

    @Test
    void aConversationThatTheTemplateRefusesIsNamed() throws Exception {
        Files.copy(Tokenizers.directory("qwen2").resolve("tokenizer.json"), directory.resolve("tokenizer.json"));
        Files.writeString(directory.resolve("chat_template.jinja"), "{{ raise_exception('roles must alternate') }}");
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            ChatTemplate template = ChatTemplate.load(directory);
            assertThatThrownBy(() -> DatasetFile.read(
                            file(write(copies(GOOD, 10))), new ExampleEncoder(tokenizer, template, 50, Stop.NEVER)))
                    .hasMessage(INVALID
                            + "Invalid file format. Example 1 is refused by the model's chat template: roles must"
                            + " alternate");
        }
    }

    @Test
    void ofAPreferenceOnlyTheTwoAnswersAreLearned() throws Exception {
        String line =
                "{'input': {'messages': [{'role': 'user', 'content': 'q'}, {'role': 'assistant', 'content': 'said'},"
                        + " {'role': 'user', 'content': 'again'}], 'tools': []}, 'preferred_output': [{'role': 'assistant',"
                        + " 'content': 'good', 'weight': 0}], 'non_preferred_output': [{'role': 'assistant', 'content': 'bad'}]}";
        try (Tokenizer tokenizer = Tokenizers.load("qwen2")) {
            DataFile file = file(write(copies(line, 10)));
            ChatTemplate template = ChatTemplate.load(Tokenizers.directory("qwen2"));
            Dataset<PreferencePair> dataset =
                    DatasetFile.readPairs(file, new ExampleEncoder(tokenizer, template, 1000, Stop.NEVER));
            PreferencePair pair = dataset.examples().get(0);
            assertThat(dataset.examples()).hasSize(10);
            assertThat(tokenizer.decode(trained(pair.chosen(), true)).strip()).isEqualTo("good");
            assertThat(tokenizer.decode(trained(pair.rejected(), true)).strip()).isEqualTo("bad");
            assertThat(tokenizer.decode(pair.chosen().tokens())).contains("said");

            // Too short for the answers: nothing is left to compare.
            int prompt = pair.chosen().tokens().length - trained(pair.chosen(), true).length - 1;
            assertThatThrownBy(() ->
                            DatasetFile.readPairs(file, new ExampleEncoder(tokenizer, template, prompt, Stop.NEVER)))
                    .hasMessageContaining("No example has anything to learn within %d tokens".formatted(prompt));
        }
    }

    private Dataset<Example> read(List<String> lines, Tokenizer tokenizer, int contextLength)
            throws IOException, InvalidDataset {
        ChatTemplate template = ChatTemplate.load(Tokenizers.directory("qwen2"));
        return DatasetFile.read(file(write(lines)), new ExampleEncoder(tokenizer, template, contextLength, Stop.NEVER));
    }

    private int check(List<String> lines) throws IOException, InvalidDataset {
        return DatasetFile.check(file(write(lines)), TrainingMethod.SUPERVISED, Stop.NEVER);
    }

    private int checkText(String text) throws IOException, InvalidDataset {
        return DatasetFile.check(file(write(text)), TrainingMethod.SUPERVISED, Stop.NEVER);
    }

    private Path write(List<String> lines) throws IOException {
        return write(String.join("\n", lines));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("data.jsonl"), json(text));
    }

    private static DataFile file(Path path) {
        return new DataFile(path, DataFile.Role.TRAINING, "file-t");
    }

    private static List<String> copies(String line, int count) {
        return new ArrayList<>(Collections.nCopies(count, line));
    }

    /** JSON is written with single quotes here, for legibility. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private static int[] trained(Example example, boolean wanted) {
        return IntStream.range(0, example.tokens().length)
                .filter(i -> example.trained()[i] == wanted)
                .map(i -> example.tokens()[i])
                .toArray();
    }
}
