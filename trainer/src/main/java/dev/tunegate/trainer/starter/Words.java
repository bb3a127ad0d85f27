package dev.tunegate.trainer.starter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/** English words by their use in a query, and pronounceable words that mean nothing. */
final class Words {
    private static final Map<String, List<String>> LISTS = read();

    static final List<String> TABLES = list("tables");
    static final List<String> TEXT_FIELDS = list("text fields");
    static final List<String> NUMBER_FIELDS = list("number fields");
    static final List<String> VALUES = list("values");
    static final List<String> NAMES = list("names");

    private static final List<String> ONSETS =
            split("b c d f g h j k l m n p r s t v w z br ch cl dr fl gr pl sh st tr");
    private static final List<String> VOWELS = split("a e i o u a e i o u ai ea ee io oa oo ou");
    private static final List<String> CODAS = split("b ck d ft g l ll m n nd nt p r rd rk s ss st t th x");
    private static final double CODA = 0.45;

    private final RandomGenerator random;

    Words(RandomGenerator random) {
        this.random = random;
    }

    /** Two syllables, such as {@code troveck}. */
    String madeUp() {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            word.append(pick(ONSETS)).append(pick(VOWELS));
            if (random.nextDouble() < CODA) {
                word.append(pick(CODAS));
            }
        }
        return word.toString();
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static List<String> list(String section) {
        return Objects.requireNonNull(LISTS.get(section), section);
    }

    private static Map<String, List<String>> read() {
        Map<String, List<String>> lists = new HashMap<>();
        List<String> section = new ArrayList<>();
        try (var in = Objects.requireNonNull(Words.class.getResourceAsStream("words.txt"), "words.txt");
                var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    section = new ArrayList<>();
                    lists.put(line.substring(1, line.length() - 1), section);
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    section.addAll(split(line));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lists;
    }

    private static List<String> split(String words) {
        return List.of(words.split(" "));
    }
}
