package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Tensors;
import dev.tunegate.trainer.torch.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdamWTest {

    private static final double RATE = 0.1;

    private final NDManager manager = Torch.newManager();
    private final Tensors tensors = new Tensors(manager);
    private final OpPack ops = OpPack.load(manager, AdamWTest.class, "weighted_sum.py", Map.of());

    @TempDir
    Path directory = Path.of("");

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void stepsAreThoseOfThePaper() {
        FlatParameters parameters = parameters(1, 2);
        var settings = new AdamW.Settings(0.9, 0.999, 1e-8, 0.5, Double.POSITIVE_INFINITY);
        try (AdamW optimizer = optimizer(parameters, settings)) {
            double[] gradients = {0.5, -3};
            double[] expected = {1, 2};
            double[] m = new double[2];
            double[] v = new double[2];
            for (int t = 1; t <= 3; t++) {
                accumulate(parameters, gradients);
                double norm = step(optimizer, RATE);
                assertThat(norm).isCloseTo(Math.hypot(0.5, 3), within(1e-6));
                for (int i = 0; i < 2; i++) {
                    m[i] = 0.9 * m[i] + 0.1 * gradients[i];
                    v[i] = 0.999 * v[i] + 0.001 * gradients[i] * gradients[i];
                    // The first parameter is a matrix, which decays; the second a vector, which does not.
                    expected[i] *= i == 0 ? 1 - RATE * 0.5 : 1;
                    expected[i] -= RATE
                            * (m[i] / (1 - Math.pow(0.9, t)))
                            / (Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8);
                }
                assertThat(values(parameters)).containsExactly(expected, within(1e-6));
            }
            assertThat(optimizer.steps()).isEqualTo(3);
        }
    }

    @Test
    void gradientsOfSeveralBackwardPassesAddUpAndAreGoneAfterTheStep() {
        FlatParameters parameters = parameters(0, 0);
        try (AdamW optimizer = optimizer(parameters, AdamW.Settings.DEFAULT)) {
            accumulate(parameters, new double[] {1, 1});
            accumulate(parameters, new double[] {2, 3});
            assertThat(step(optimizer, RATE)).isCloseTo(5, within(1e-6));
            accumulate(parameters, new double[] {0, 2});
            assertThat(step(optimizer, RATE)).isCloseTo(2, within(1e-6));
        }
    }

    @Test
    void passesWithAndWithoutAutogradAddToOneGradient() {
        FlatParameters parameters = parameters(0, 0);
        try (AdamW optimizer = optimizer(parameters, AdamW.Settings.DEFAULT)) {
            accumulate(parameters, new double[] {1, 1});
            List<NDArray> own = parameters.gradientViews();
            own.get(0).addi(2);
            own.get(1).addi(3);
            assertThat(step(optimizer, RATE)).isCloseTo(5, within(1e-6));
            own.get(1).addi(2);
            assertThat(step(optimizer, RATE)).isCloseTo(2, within(1e-6));
            accumulate(parameters, new double[] {3, 0});
            own.get(1).addi(4);
            assertThat(step(optimizer, RATE)).isCloseTo(5, within(1e-6));
            accumulate(parameters, new double[] {0, 7});
            parameters.clearGradient();
            own.get(0).addi(1);
            assertThat(step(optimizer, RATE)).isCloseTo(1, within(1e-6));
        }
    }

    @Test
    void gradientsAreClippedByTheirGlobalNorm() {
        // With beta 1 and 2 zero and a huge epsilon a step is rate * gradient / epsilon: it shows the gradient itself.
        var settings = new AdamW.Settings(0, 0, 1e6, 0, 2.5);
        FlatParameters parameters = parameters(0, 0);
        try (AdamW optimizer = optimizer(parameters, settings)) {
            accumulate(parameters, new double[] {3, 4});
            assertThat(step(optimizer, 1e6)).isCloseTo(5, within(1e-6));
            assertThat(values(parameters)).containsExactly(new double[] {-1.5, -2}, within(1e-4));
        }
    }

    @Test
    void aSavedStateGoesOnExactly() throws IOException {
        Path file = directory.resolve("optimizer.safetensors");
        FlatParameters parameters = parameters(1, 2);
        double[] first;
        try (AdamW optimizer = optimizer(parameters, AdamW.Settings.DEFAULT)) {
            accumulate(parameters, new double[] {0.3, -0.2});
            step(optimizer, RATE);
            optimizer.save(file);
            first = values(parameters);
            accumulate(parameters, new double[] {0.1, 0.7});
            step(optimizer, RATE);
        }
        FlatParameters resumed = parameters(first[0], first[1]);
        try (AdamW optimizer = optimizer(resumed, AdamW.Settings.DEFAULT)) {
            optimizer.load(file);
            assertThat(optimizer.steps()).isEqualTo(1);
            accumulate(resumed, new double[] {0.1, 0.7});
            step(optimizer, RATE);
        }
        assertThat(values(resumed)).isEqualTo(values(parameters));
    }

    @Test
    void theStateOfOtherParametersIsRefused() throws IOException {
        Path file = directory.resolve("optimizer.safetensors");
        try (AdamW optimizer = optimizer(parameters(1, 2), AdamW.Settings.DEFAULT)) {
            optimizer.save(file);
        }
        var three = new FlatParameters(
                manager, tensors, List.of(new FlatParameters.Parameter("a", "p[]", List.of(3L, 1L))));
        try (AdamW optimizer = optimizer(three, AdamW.Settings.DEFAULT)) {
            assertThatThrownBy(() -> optimizer.load(file))
                    .isInstanceOf(InvalidCheckpoint.class)
                    .hasMessageContaining("this training needs F32 [3]");
        }
    }

    private AdamW optimizer(FlatParameters parameters, AdamW.Settings settings) {
        return new AdamW(manager.newSubManager(), tensors, parameters, settings);
    }

    /** The norm before clipping. */
    private double step(AdamW optimizer, double rate) {
        return optimizer.step(manager, rate).getFloat();
    }

    private FlatParameters parameters(double matrix, double vector) {
        var parameters = new FlatParameters(
                manager,
                tensors,
                List.of(
                        new FlatParameters.Parameter("matrix", "p[]", List.of(1L, 1L)),
                        new FlatParameters.Parameter("vector", "p[]", List.of(1L))));
        parameters.set(0, manager.create(new float[][] {{(float) matrix}}));
        parameters.set(1, manager.create(new float[] {(float) vector}));
        return parameters;
    }

    /** Adds to the gradients by differentiating the sum of gradient * parameter. */
    private void accumulate(FlatParameters parameters, double[] gradients) {
        NDList arguments = new NDList(parameters.trackedViews(manager));
        arguments.add(manager.create(new float[] {(float) gradients[0], (float) gradients[1]}));
        NDArray sum = ops.callWithGradients(manager, "weighted_sum", arguments).get(0);
        Torch.backward(sum);
    }

    private static double[] values(FlatParameters parameters) {
        float[] values = parameters.flat().toFloatArray();
        return new double[] {values[0], values[1]};
    }
}
