package dev.tunegate.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.chaos.Fault.Kind;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("chaos")
class PlanTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 16})
    void aSeedHasOnePlanWithEveryKindOfFault(long seed) {
        for (Scale scale : List.of(Scale.SHORT, Scale.FULL)) {
            Plan plan = Plan.of(seed, scale);
            assertThat(plan).isEqualTo(Plan.of(seed, scale)).isNotEqualTo(Plan.of(seed + 1, scale));
            assertThat(plan.faults())
                    .hasSize(scale.faults())
                    .extracting(Fault::kind)
                    .contains(Kind.values());
            assertThat(plan.without(Kind.FILL).faults())
                    .extracting(Fault::kind)
                    .doesNotContain(Kind.FILL)
                    .contains(Kind.KILL);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 16})
    void nothingBreaksWhileItIsBroken(long seed) {
        Map<String, List<Fault>> byTarget =
                Plan.of(seed, Scale.FULL).faults().stream().collect(Collectors.groupingBy(Fault::target));
        byTarget.forEach((target, faults) -> {
            for (int next = 1; next < faults.size(); next++) {
                assertThat(faults.get(next).at())
                        .isGreaterThan(faults.get(next - 1).end());
            }
        });
    }
}
