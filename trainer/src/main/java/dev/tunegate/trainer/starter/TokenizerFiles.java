package dev.tunegate.trainer.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes tokenizer.json (byte-level BPE) and tokenizer_config.json with the ChatML template. */
final class TokenizerFiles {
    static final String END_OF_TEXT = "<|endoftext|>";
    static final String MESSAGE_START = "<|im_start|>";
    static final String MESSAGE_END = "<|im_end|>";

    private static final List<String> SPECIAL = List.of(END_OF_TEXT, MESSAGE_START, MESSAGE_END);
    private static final String CHATML = "{% for message in messages %}"
            + "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
            + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerFiles() {}

    /** Learns merges from text until the vocabulary has the wanted size, and writes both files. */
    static void write(Path directory, List<String> texts, int vocabularySize, int contextLength) {
        BytePairs pairs = new BytePairs();
        texts.forEach(pairs::add);
        List<BytePairs.Pair> merges = pairs.learn(
                vocabularySize - SPECIAL.size() - BytePairs.alphabet().size());
        try {
            Files.createDirectories(directory);
            writePretty(directory.resolve("tokenizer.json"), tokenizer(merges));
            writePretty(directory.resolve("tokenizer_config.json"), config(contextLength));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the tokenizer to " + directory, e);
        }
    }

    static int id(String specialToken) {
        return SPECIAL.indexOf(specialToken);
    }

    private static ObjectNode tokenizer(List<BytePairs.Pair> merges) {
        ObjectNode file = JSON.createObjectNode();
        file.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = file.putArray("added_tokens");
        for (String token : SPECIAL) {
            added.add(added(token).put("id", id(token)));
        }
        file.putNull("normalizer");
        ObjectNode split = JSON.createObjectNode().put("type", "Split");
        split.putObject("pattern").put("Regex", BytePairs.SPLIT);
        split.put("behavior", "Isolated").put("invert", false);
        ObjectNode bytes = JSON.createObjectNode().put("type", "ByteLevel");
        bytes.put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", false);
        file.putObject("pre_tokenizer")
                .put("type", "Sequence")
                .putArray("pretokenizers")
                .add(split)
                .add(bytes);
        file.putNull("post_processor");
        file.set("decoder", bytes);
        file.set("model", model(merges));
        return file;
    }

    private static ObjectNode model(List<BytePairs.Pair> merges) {
        ObjectNode model = JSON.createObjectNode().put("type", "BPE").putNull("dropout");
        model.putNull("unk_token").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        Set<String> tokens = new LinkedHashSet<>(SPECIAL);
        tokens.addAll(BytePairs.alphabet());
        merges.forEach(pair -> tokens.add(pair.merged()));
        ObjectNode vocabulary = model.putObject("vocab");
        tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
        ArrayNode list = model.putArray("merges");
        merges.forEach(pair -> list.add(pair.left() + " " + pair.right()));
        return model;
    }

    private static ObjectNode config(int contextLength) {
        ObjectNode config = JSON.createObjectNode();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("add_bos_token", false).put("clean_up_tokenization_spaces", false);
        config.putNull("bos_token").put("eos_token", MESSAGE_END).put("pad_token", END_OF_TEXT);
        config.put("model_max_length", contextLength);
        ObjectNode decoder = config.putObject("added_tokens_decoder");
        SPECIAL.forEach(token -> decoder.set(Integer.toString(id(token)), added(token)));
        config.put("chat_template", CHATML);
        return config;
    }

    private static ObjectNode added(String token) {
        ObjectNode node = JSON.createObjectNode().put("content", token);
        node.put("single_word", false).put("lstrip", false).put("rstrip", false);
        return node.put("normalized", false).put("special", true);
    }

    private static void writePretty(Path file, ObjectNode node) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n");
    }
}
