package dev.tunegate.trainer.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model's tokenizer: text to token ids and back, with offsets for loss masks.
 *
 * <p>Nothing is truncated, and no special tokens are added unless asked for: a chat template writes its own.
 * Thread-safe.
 */
public final class Tokenizer implements AutoCloseable {

    /** The largest vocabularies take some forty megabytes. */
    private static final long LARGEST_FILE = 128L << 20;

    private final HuggingFaceTokenizer library;
    private final TokenizerFile file;
    private final OptionalInt eos;
    private final Set<Integer> stopIds;
    private final int embeddingRows;

    private Tokenizer(HuggingFaceTokenizer library, TokenizerFile file, ModelText model) {
        this.library = library;
        this.file = file;
        this.embeddingRows = model.embeddingRows();
        this.eos = id(model.eosToken());
        Set<Integer> stops = new LinkedHashSet<>(model.eosIds());
        eos.ifPresent(stops::add);
        this.stopIds = stops;
    }

    /**
     * Loads the tokenizer of a Hugging Face directory.
     *
     * @param modelDir holds {@code tokenizer.json}, and where the model has them {@code tokenizer_config.json},
     *     {@code special_tokens_map.json}, {@code generation_config.json} and {@code config.json}
     * @throws InvalidCheckpoint when there is no usable {@code tokenizer.json}, or the model has fewer embeddings than it tokens
     */
    public static Tokenizer load(Path modelDir) throws IOException {
        Path path = modelDir.resolve("tokenizer.json");
        if (!Files.isRegularFile(path)) {
            throw new InvalidCheckpoint(modelDir + " has no tokenizer.json. Save the model's fast tokenizer there.");
        }
        ModelText model = ModelText.read(modelDir);
        JsonFile.requireSize(path, LARGEST_FILE);
        TokenizerFile file;
        try {
            file = TokenizerFile.read(path);
        } catch (JsonProcessingException e) {
            throw JsonFile.notJson(path, e);
        }
        if (file.neededRows() > model.embeddingRows()) {
            throw new InvalidCheckpoint(
                    path + " has ids up to " + (file.vocabularySize() - 1) + ", but config.json says"
                            + " that the model has an embedding for " + model.embeddingRows()
                            + " tokens (vocab_size). Use the tokenizer that belongs to the model, or resize its embedding.");
        }
        HuggingFaceTokenizer library = open(path);
        Tokenizer tokenizer = new Tokenizer(library, file, model);
        tokenizer.addTurnEnd(ChatTemplate.load(modelDir));
        return tokenizer;
    }

    private static HuggingFaceTokenizer open(Path path) throws IOException {
        try {
            return HuggingFaceTokenizer.builder()
                    .optTokenizerPath(path)
                    .optAddSpecialTokens(false)
                    .optTruncation(false)
                    .optPadding(false)
                    .build();
        } catch (RuntimeException e) {
            // The library throws its own kind of error for what it could not parse or knows no way to do.
            throw new InvalidCheckpoint(
                    path + " cannot be used: it lacks a part, or has one of a kind that is not known here", e);
        }
    }

    /** The ids of a text as it stands; special tokens written in it become their ids. */
    public int[] encode(String text) {
        return ids(library.encode(scalar(text), false, false));
    }

    /** As {@link #encode}, with the characters that each token stands for. */
    public Encoded encodeWithSpans(String text) {
        return encoded(text, false);
    }

    /** As {@link #encodeWithSpans}, with what the tokenizer itself puts around a text, such as a leading BOS. */
    public Encoded encodeWithSpecialTokensAndSpans(String text) {
        return encoded(text, true);
    }

    /** The text of some ids, without special tokens. */
    public String decode(int[] ids) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return library.decode(wide, true);
    }

    /** A decoder that takes one id after another. */
    public TokenStream stream() {
        return new TokenStream(this);
    }

    /** The token that ends a text, if the tokenizer names one. */
    public OptionalInt eos() {
        return eos;
    }

    /** The tokens after which generation stops: every EOS that the model's files name, and the chat template's end of a turn. */
    public Set<Integer> stopIds() {
        return Set.copyOf(stopIds);
    }

    @Override
    public void close() {
        library.close();
    }

    // A base model's files often name only <|endoftext|>, while its chat template ends turns with <|im_end|>.
    private void addTurnEnd(ChatTemplate template) {
        String end = template.turnEnd();
        file.addedTokens().keySet().stream()
                .filter(token -> !token.isEmpty() && end.startsWith(token))
                .max(Comparator.comparingInt(String::length))
                .ifPresent(token -> stopIds.add(file.addedTokens().get(token)));
    }

    private OptionalInt id(@Nullable String token) {
        Integer id = token == null ? null : file.addedTokens().get(token);
        if (id != null) {
            return OptionalInt.of(id);
        }
        int[] ids = token == null ? new int[0] : encode(token);
        return ids.length == 1 ? OptionalInt.of(ids[0]) : OptionalInt.empty();
    }

    private Encoded encoded(String text, boolean specialTokens) {
        Encoding encoding = library.encode(scalar(text), specialTokens, false);
        @Nullable CharSpan[] found = encoding.getCharTokenSpans();
        int[] units = unitsOfCodePoints(text);
        List<Span> spans = new ArrayList<>(found.length);
        int end = 0;
        for (CharSpan span : found) {
            // Tokens that the tokenizer added have no characters; they stand where the last one ended.
            spans.add(span == null ? new Span(end, end) : new Span(units[span.getStart()], units[span.getEnd()]));
            end = span == null ? end : units[span.getEnd()];
        }
        return new Encoded(ids(encoding), spans);
    }

    // The library counts code points, Java's strings count UTF-16 units.
    private static int[] unitsOfCodePoints(String text) {
        int[] units = new int[text.codePointCount(0, text.length()) + 1];
        int unit = 0;
        for (int i = 0; i < units.length - 1; i++) {
            units[i] = unit;
            unit += Character.charCount(text.codePointAt(unit));
        }
        units[units.length - 1] = unit;
        return units;
    }

    // Half a surrogate pair reaches the library as three characters and would shift every offset after it.
    private static String scalar(String text) {
        StringBuilder fixed = null;
        for (int i = 0; i < text.length(); i++) {
            int point = text.codePointAt(i);
            if (point > 0xFFFF) {
                i++;
            } else if (Character.isSurrogate((char) point)) {
                fixed = fixed == null ? new StringBuilder(text) : fixed;
                fixed.setCharAt(i, '\uFFFD');
            }
        }
        return fixed == null ? text : fixed.toString();
    }

    private int[] ids(Encoding encoding) {
        long[] wide = encoding.getIds();
        int[] ids = new int[wide.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(wide[i]);
            if (ids[i] >= embeddingRows) {
                throw new InvalidCheckpoint("the text holds '" + encoding.getTokens()[i]
                        + "', a token that this model has no embedding for");
            }
        }
        return ids;
    }
}
