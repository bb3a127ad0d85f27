package dev.tunegate.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every kind of rotary scaling beside the frequencies that transformers computes, in float32, from the same config.json. */
class RopeTest {

    @TestFactory
    Stream<DynamicTest> frequenciesAreThoseOfTransformers() throws IOException {
        JsonNode expected;
        try (InputStream in = Objects.requireNonNull(RopeTest.class.getResourceAsStream("/rope/expected.json"))) {
            expected = new ObjectMapper().readTree(in);
        }
        return StreamSupport.stream(expected.path("cases").spliterator(), false)
                .map(one -> dynamicTest(one.path("name").asText(), () -> frequencies(one)));
    }

    private static void frequencies(JsonNode expected) {
        ModelConfig config = ModelConfig.parse(expected.path("config"));
        Rope rope = Objects.requireNonNull(config.rope());

        assertClose(rope.frequencies(config.headDim(), false), expected.path("frequencies"));
        assertClose(rope.frequencies(config.headDim(), true), expected.path("beyond"));
        assertThat(rope.scaling().magnitude())
                .isCloseTo(expected.path("magnitude").doubleValue(), within(1e-12));
    }

    private static void assertClose(double[] actual, JsonNode expected) {
        assertThat(actual).hasSize(expected.size());
        for (int i = 0; i < actual.length; i++) {
            double reference = expected.path(i).doubleValue();
            assertThat(actual[i]).as("dimension %d", i).isCloseTo(reference, within(2e-6 * reference));
        }
    }
}
