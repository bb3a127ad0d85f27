package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Draws the first values of parameters, the same for a seed wherever it runs. */
public final class Initializer {

    private final RandomGenerator random;

    public Initializer(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** Makes an array whose elements are all the same. */
    public NDArray filled(NDManager scope, List<Long> shape, double value) {
        return scope.full(shape(shape), (float) value, DataType.FLOAT32);
    }

    /** Draws elements that are normally distributed around zero. */
    public NDArray normal(NDManager scope, List<Long> shape, double deviation) {
        float[] values = new float[Math.toIntExact(shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return scope.create(values, shape(shape));
    }

    /** Draws elements that are uniformly distributed between {@code -bound} and {@code bound}. */
    public NDArray uniform(NDManager scope, List<Long> shape, double bound) {
        float[] values = new float[Math.toIntExact(shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        return scope.create(values, shape(shape));
    }

    private static Shape shape(List<Long> sizes) {
        return new Shape(sizes);
    }
}
