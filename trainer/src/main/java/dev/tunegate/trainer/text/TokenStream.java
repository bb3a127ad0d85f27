package dev.tunegate.trainer.text;

import java.util.Arrays;

/**
 * Turns generated tokens into text one by one, for streaming. A character spread over several tokens comes out when
 * its last token is in, never in halves, and the leading spaces of SentencePiece tokens come out as in the whole
 * text. The pieces joined are what {@link Tokenizer#decode} makes of all ids.
 *
 * <p>A token's text depends on its neighbours, so each step decodes a window that starts one emitted piece earlier
 * and takes what is new in it. Not thread-safe.
 */
public final class TokenStream {

    // UTF-8 has at most four bytes a character, so a fifth token cannot be waiting for the same one.
    private static final int LONGEST_CHARACTER = 4;
    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private int[] window = new int[0];
    private int emitted;

    TokenStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Takes the next token and returns the text that is now certain; often a word, sometimes nothing. */
    public String add(int id) {
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = id;
        String text = tokenizer.decode(window);
        boolean incomplete = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
        if (incomplete && window.length - emitted < LONGEST_CHARACTER) {
            return "";
        }
        return advance(text);
    }

    /** Ends the stream and returns what was held back, an incomplete character as U+FFFD. */
    public String finish() {
        return emitted == window.length ? "" : advance(tokenizer.decode(window));
    }

    private String advance(String text) {
        String before = tokenizer.decode(Arrays.copyOf(window, emitted));
        if (text.length() <= before.length()) {
            return "";
        }
        window = Arrays.copyOfRange(window, emitted, window.length);
        emitted = window.length;
        return text.substring(before.length());
    }
}
