package dev.tunegate.gateway.retries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.retries.Tries.Made;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TriesTest {
    @Test
    void aCallsTriesBelongTogetherInWhicheverOrderTheyCome() {
        for (List<Integer> order : permutations(List.of(0, 1, 2))) {
            Server server = new Server();
            Set<String> got = new HashSet<>();
            order.forEach(number -> got.add(server.receive(number)));
            assertThat(got).as("%s", order).hasSize(1);
        }
    }

    /** Two calls one after the other, the first one answered and its id used: whichever tries were lost or came late. */
    @Test
    void twoCallsMakeTwoThingsHoweverTheirTriesCome() {
        for (int answered = 0; answered < 3; answered++) {
            for (List<Integer> late : subsets(answered)) {
                for (int reached = 0; reached < 3; reached++) {
                    Server server = new Server();
                    String first = server.receive(answered);
                    server.use(first);
                    late.forEach(server::receiveForNobody);
                    String second = server.callThatReachesItWith(reached);
                    assertThat(server.made)
                            .as("%d, late %s, then %d", answered, late, reached)
                            .hasSize(2);
                    assertThat(second).isNotEqualTo(first);
                    // And whatever else comes late now makes nothing either.
                    late.forEach(server::receiveForNobody);
                    assertThat(server.made).hasSize(2);
                }
            }
        }
    }

    @Test
    void whatAHigherTryHasSettledTakesNoLowerOneOnceItIsClosed() {
        Made closed = new Made("job", List.of(1), true);
        assertThatThrownBy(() -> Tries.find(List.of(closed), 0))
                .isInstanceOfSatisfying(
                        ApiError.class, error -> assertThat(error.body().code()).isEqualTo("late_try"));
        assertThat(Tries.find(List.of(closed), 1)).isEmpty();
        assertThat(Tries.find(List.of(closed), 2)).isEmpty();
    }

    @Test
    void theNewestThatLacksTheTryHasIt() {
        Made older = new Made("older", List.of(0), false);
        Made newer = new Made("newer", List.of(0), false);
        assertThat(Tries.find(List.of(newer, older), 1)).contains("newer");
        assertThat(Tries.find(List.of(new Made("newer", List.of(0, 1), false), older), 1))
                .contains("older");
    }

    /** What a gateway knows of equal requests. */
    private static final class Server {
        private final Map<String, List<Integer>> made = new HashMap<>();
        private final List<String> newestFirst = new ArrayList<>();
        private final Set<String> used = new HashSet<>();

        String receive(int number) {
            List<Made> known = newestFirst.stream()
                    .map(id -> new Made(id, Objects.requireNonNull(made.get(id)), used.contains(id)))
                    .toList();
            Optional<String> found = Tries.find(known, number);
            String id = found.orElse("thing " + made.size());
            if (found.isEmpty()) {
                newestFirst.add(0, id);
            }
            made.computeIfAbsent(id, key -> new ArrayList<>()).add(number);
            return id;
        }

        void receiveForNobody(int number) {
            try {
                receive(number);
            } catch (ApiError nobodyReadsIt) {
                assertThat(nobodyReadsIt.status()).isEqualTo(409);
            }
        }

        void use(String id) {
            used.add(id);
        }

        /** Sends on as SDKs do where they are told to, five times at most. */
        String callThatReachesItWith(int firstNumber) {
            for (int number = firstNumber; ; number++) {
                try {
                    return receive(number);
                } catch (ApiError e) {
                    assertThat(number).isLessThan(5);
                }
            }
        }
    }

    private static List<List<Integer>> permutations(List<Integer> numbers) {
        if (numbers.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (Integer first : numbers) {
            List<Integer> rest = new ArrayList<>(numbers);
            rest.remove(first);
            for (List<Integer> permutation : permutations(rest)) {
                List<Integer> whole = new ArrayList<>(List.of(first));
                whole.addAll(permutation);
                all.add(whole);
            }
        }
        return all;
    }

    /** Every choice among the numbers below one. */
    private static List<List<Integer>> subsets(int below) {
        List<List<Integer>> all = new ArrayList<>();
        for (int bits = 0; bits < 1 << below; bits++) {
            List<Integer> chosen = new ArrayList<>();
            for (int number = 0; number < below; number++) {
                if ((bits >> number & 1) == 1) {
                    chosen.add(number);
                }
            }
            all.add(chosen);
        }
        return all;
    }
}
