package dev.tunegate.trainer.inference;

import java.util.concurrent.ThreadLocalRandom;

/** Ids like OpenAI's: a prefix and random letters and digits. They name, they do not authorize. */
final class Ids {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private Ids() {}

    static String next(String prefix, int length) {
        StringBuilder id = new StringBuilder(prefix);
        ThreadLocalRandom.current().ints(length, 0, ALPHABET.length()).forEach(i -> id.append(ALPHABET.charAt(i)));
        return id.toString();
    }
}
