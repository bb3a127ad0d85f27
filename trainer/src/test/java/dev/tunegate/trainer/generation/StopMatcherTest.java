package dev.tunegate.trainer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {

    @Test
    void holdsBackWhatCouldStillBecomeAStopString() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        assertThat(matcher.push("some E")).isEqualTo("some ");
        assertThat(matcher.push("N")).isEmpty();
        assertThat(matcher.push("x")).isEqualTo("ENx");
        assertThat(matcher.stopped()).isFalse();
    }

    @Test
    void neverShowsAStopStringThatIsCutUp() {
        StopMatcher matcher = new StopMatcher(List.of("\n\n", "END"));
        assertThat(matcher.push("one\n")).isEqualTo("one");
        assertThat(matcher.push("\ntwo")).isEmpty();
        assertThat(matcher.stopped()).isTrue();
        assertThat(matcher.push("three")).isEmpty();
        assertThat(matcher.flush()).isEmpty();
    }

    @Test
    void cutsAtTheStopStringThatIsCompleteFirst() {
        assertThat(new StopMatcher(List.of("bcde", "cd")).push("abcde")).isEqualTo("ab");
        assertThat(new StopMatcher(List.of("cd", "bcd")).push("abcde")).isEqualTo("a");
    }

    @Test
    void showsAnUnfinishedStopStringAtTheEnd() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        assertThat(matcher.push("the EN")).isEqualTo("the ");
        assertThat(matcher.flush()).isEqualTo("EN");
    }

    @Test
    void findsARepeatedStart() {
        StopMatcher matcher = new StopMatcher(List.of("aab"));
        assertThat(matcher.push("aa")).isEmpty();
        assertThat(matcher.push("a")).isEqualTo("a");
        assertThat(matcher.push("b!")).isEmpty();
        assertThat(matcher.stopped()).isTrue();
    }

    @Test
    void showsTheSameTextHoweverItIsCutUp() {
        Random random = new Random(5);
        for (int round = 0; round < 2_000; round++) {
            String text = letters(random, 30);
            List<String> stops = List.of(letters(random, 4), letters(random, 4));
            String expected = expected(text, stops);
            StringBuilder shown = new StringBuilder();
            StopMatcher matcher = new StopMatcher(stops);
            for (String piece : pieces(text, random)) {
                shown.append(matcher.push(piece));
            }
            shown.append(matcher.flush());
            assertThat(shown).as("%s in %s", stops, text).hasToString(expected);
        }
    }

    /** Up to the stop string that is complete first; of several, the one that begins first. */
    private static String expected(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String soFar = text.substring(0, end);
            int match = stops.stream()
                    .filter(soFar::endsWith)
                    .mapToInt(stop -> soFar.length() - stop.length())
                    .min()
                    .orElse(-1);
            if (match >= 0) {
                return text.substring(0, match);
            }
        }
        return text;
    }

    private static String letters(Random random, int most) {
        StringBuilder letters = new StringBuilder();
        int length = 1 + random.nextInt(most);
        for (int i = 0; i < length; i++) {
            letters.append((char) ('a' + random.nextInt(2)));
        }
        return letters.toString();
    }

    private static List<String> pieces(String text, Random random) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(4));
            pieces.add(text.substring(at, end));
            at = end;
        }
        return pieces;
    }
}
