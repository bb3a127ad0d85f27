package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.model.WeightLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The untrained weights. Projections that write to the residual stream are zero, so that at first it carries nothing but
 * the tokens' own embeddings: with a tied head, copying a name is then learned from several times less text than from
 * weights of one size everywhere.
 */
final class InitialWeights {
    private static final double EMBEDDING_DEVIATION = 0.06;
    /** This is about {@code hidden^-0.5}, so that queries and keys have unit size. */
    private static final double DEVIATION = 0.09;

    private InitialWeights() {}

    static void write(Path file, ModelConfig config, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        List<TensorInfo> tensors = new ArrayList<>();
        for (WeightLayout.Weight weight : new WeightLayout(config).weights()) {
            for (WeightLayout.Part part : weight.parts()) {
                tensors.add(new TensorInfo(part.tensor(), DType.F32, weight.shape(part)));
            }
        }
        try (var writer = new SafetensorsWriter(file, tensors, Map.of("format", "pt"))) {
            for (TensorInfo tensor : tensors) {
                writer.write(tensor.name(), values(tensor, random));
            }
            writer.finish();
        }
    }

    private static ByteBuffer values(TensorInfo tensor, SplittableRandom random) {
        boolean vector = tensor.shape().size() == 1;
        double deviation = deviation(tensor.name());
        ByteBuffer values = ByteBuffer.allocate(Math.toIntExact(tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        while (values.hasRemaining()) {
            values.putFloat(vector ? 1 : (float) (random.nextGaussian() * deviation));
        }
        return values.flip();
    }

    private static double deviation(String tensor) {
        if (tensor.endsWith("o_proj.weight") || tensor.endsWith("down_proj.weight")) {
            return 0;
        }
        return tensor.endsWith("embed_tokens.weight") ? EMBEDDING_DEVIATION : DEVIATION;
    }
}
