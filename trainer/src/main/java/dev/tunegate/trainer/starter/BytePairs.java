package dev.tunegate.trainer.starter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Learns byte-pair merges (Sennrich et al. 2016, section 3.2) over the bytes of pre-split words. Symbols are written in
 * GPT-2's alphabet, where every byte has a printable character.
 */
final class BytePairs {
    /**
     * How text is split before merging. A space is a piece of its own, so that a name has the same tokens after a
     * space, a quote or a bracket: copying then needs no translation. Digits go by threes.
     */
    static final String SPLIT = "\\p{L}+|\\p{N}{1,3}|[^\\p{L}\\p{N}\\s]+|\\s";

    private static final Pattern PIECES = Pattern.compile(SPLIT);

    private final Map<String, Integer> counts = new LinkedHashMap<>();

    record Pair(String left, String right) implements Comparable<Pair> {
        String merged() {
            return left + right;
        }

        @Override
        public int compareTo(Pair other) {
            int byLeft = left.compareTo(other.left);
            return byLeft != 0 ? byLeft : right.compareTo(other.right);
        }
    }

    private record Word(List<String> symbols, int count) {}

    void add(String text) {
        Matcher matcher = PIECES.matcher(text);
        while (matcher.find()) {
            counts.merge(matcher.group(), 1, Integer::sum);
        }
    }

    /** The merges that make so many new tokens, in the order in which they apply; of equals the first by name. */
    List<Pair> learn(int tokens) {
        List<Word> words = new ArrayList<>();
        counts.forEach((word, count) -> words.add(new Word(symbols(word), count)));
        List<Pair> learned = new ArrayList<>();
        Set<String> made = new HashSet<>();
        while (made.size() < tokens) {
            Pair best = mostFrequent(words);
            if (best == null) {
                break;
            }
            learned.add(best);
            made.add(best.merged());
            words.forEach(word -> merge(word.symbols(), best));
        }
        return learned;
    }

    private static @Nullable Pair mostFrequent(List<Word> words) {
        Map<Pair, Integer> pairs = new HashMap<>();
        for (Word word : words) {
            List<String> symbols = word.symbols();
            for (int i = 0; i + 1 < symbols.size(); i++) {
                pairs.merge(new Pair(symbols.get(i), symbols.get(i + 1)), word.count(), Integer::sum);
            }
        }
        return pairs.entrySet().stream()
                .max(Map.Entry.<Pair, Integer>comparingByValue()
                        .thenComparing(Map.Entry.<Pair, Integer>comparingByKey().reversed()))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static void merge(List<String> symbols, Pair pair) {
        for (int i = 0; i + 1 < symbols.size(); i++) {
            if (symbols.get(i).equals(pair.left()) && symbols.get(i + 1).equals(pair.right())) {
                symbols.set(i, pair.merged());
                symbols.remove(i + 1);
            }
        }
    }

    private static List<String> symbols(String word) {
        List<String> symbols = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(symbol(b & 0xff));
        }
        return symbols;
    }

    /** The 256 single-byte symbols, in byte order. */
    static List<String> alphabet() {
        List<String> alphabet = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            alphabet.add(symbol(b));
        }
        return alphabet;
    }

    /** GPT-2's bytes_to_unicode: printable Latin-1 stands for itself, the other bytes follow from U+0100 on. */
    private static String symbol(int b) {
        if (printable(b)) {
            return String.valueOf((char) b);
        }
        int rank = 0;
        for (int other = 0; other < b; other++) {
            if (!printable(other)) {
                rank++;
            }
        }
        return String.valueOf((char) (0x100 + rank));
    }

    private static boolean printable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
    }
}
