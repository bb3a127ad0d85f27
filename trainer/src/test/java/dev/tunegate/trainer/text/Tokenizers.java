package dev.tunegate.trainer.text;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Small tokenizers for tests: {@code llama} is a SentencePiece one with byte fallback, {@code qwen2} a byte-level one. */
public final class Tokenizers {

    private Tokenizers() {}

    /** The model directory of one of them. */
    public static Path directory(String name) {
        try {
            return Path.of(Objects.requireNonNull(Tokenizers.class.getResource("/tokenizers/" + name + "/model"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** One of them, loaded. */
    public static Tokenizer load(String name) throws IOException {
        return Tokenizer.load(directory(name));
    }
}
