package dev.tunegate.trainer.generation;

/** Turns an answer's tokens into text, piece by piece; a character cut across tokens comes with its last token. */
public interface TextStream {

    /** The text that became certain with this token; may be empty. */
    String push(int token);

    /** What is left at the end: an unfinished character becomes U+FFFD. */
    String flush();
}
