package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearningRateScheduleTest {

    @ParameterizedTest
    @CsvSource({"LINEAR,linear_w3_t20,3", "COSINE,cosine_w3_t20,3", "CONSTANT,constant_w3,3", "CONSTANT,constant,0"})
    void multipliersEqualThoseOfTransformers(LearningRateSchedule schedule, String reference, int warmup)
            throws IOException {
        JsonNode expected;
        try (InputStream in = LearningRateScheduleTest.class.getResourceAsStream("/golden/lr_schedules.json")) {
            expected = new ObjectMapper().readTree(Objects.requireNonNull(in)).path(reference);
        }
        assertThat(expected).hasSize(20);
        for (int step = 0; step < 20; step++) {
            assertThat(schedule.multiplier(step, warmup, 20))
                    .as("step %d", step)
                    .isCloseTo(expected.path(step).doubleValue(), within(1e-12));
        }
    }
}
