package dev.tunegate.trainer.starter;

import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Nouns for schemas, and pronounceable words that mean nothing. */
final class Words {
    static final List<String> TABLES = split("books films songs players teams houses cars flights hotels recipes"
            + " courses students patients invoices plants birds rivers museums games boats trains parcels claims"
            + " tickets members farms bridges lamps phones wines poems races");
    static final List<String> TEXT_FIELDS = split("name genre author country language color brand kind owner team"
            + " region material level season style breed label maker port shape topic street club");
    static final List<String> NUMBER_FIELDS = split("price year age height length score pages speed size depth"
            + " width points stars rooms seats goals cost salary distance duration power volume rank stock");

    private static final List<String> ONSETS =
            split("b c d f g h j k l m n p r s t v w z br ch cl dr fl gr kr pl pr qu sh sk sl sp st th tr x y");
    private static final List<String> VOWELS = split("a e i o u a e i o u ai ea ee ia io oa oo ou y");
    private static final List<String> CODAS = split("b ck d ft g l ll m n nd nt p r rd rk rm s ss st t th x");
    private static final double CODA = 0.45;
    private static final double THIRD_SYLLABLE = 0.3;

    private final RandomGenerator random;

    Words(RandomGenerator random) {
        this.random = random;
    }

    String madeUp() {
        int syllables = random.nextDouble() < THIRD_SYLLABLE ? 3 : 2;
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < syllables; i++) {
            word.append(pick(ONSETS)).append(pick(VOWELS));
            if (random.nextDouble() < CODA) {
                word.append(pick(CODAS));
            }
        }
        return word.toString();
    }

    String madeUpName() {
        String word = madeUp();
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static List<String> split(String words) {
        return List.of(words.split(" "));
    }
}
