package dev.tunegate.trainer.text;

import java.util.Arrays;

/**
 * Turns generated tokens into text one by one, for streaming. A character spread over several tokens comes out when
 * its last token is in, never in halves, and the leading spaces of SentencePiece tokens come out as in the whole
 * text. The pieces joined are what {@link Tokenizer#decode} makes of all ids.
 *
 * <p>A token's text depends on its neighbours, so each step decodes a window that begins with the tokens of the last
 * certain piece and takes what is new in it. Bytes that are no character yet decode to U+FFFD at the window's end, so
 * that end is held back until more is known. Not thread-safe.
 */
public final class TokenStream {

    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private int[] window = new int[0];
    /** How many of the window's tokens are there only for what comes after them. */
    private int context;
    /** How much of the window's text has been returned. */
    private int returned;

    TokenStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Takes the next token and returns the text that is now certain; often a word, sometimes nothing. */
    public String add(int id) {
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = id;
        String text = tokenizer.decode(window);
        int certain = text.length();
        while (certain > 0 && text.charAt(certain - 1) == REPLACEMENT) {
            certain--;
        }
        if (certain <= returned) {
            return "";
        }
        String piece = text.substring(returned, certain);
        returned = certain;
        if (certain == text.length()) {
            window = Arrays.copyOfRange(window, context, window.length);
            context = window.length;
            returned = tokenizer.decode(window).length();
        }
        return piece;
    }

    /** Ends the stream and returns what was held back, an incomplete character as U+FFFD. */
    public String finish() {
        String text = tokenizer.decode(window);
        String rest = text.length() > returned ? text.substring(returned) : "";
        returned = Math.max(returned, text.length());
        return rest;
    }
}
