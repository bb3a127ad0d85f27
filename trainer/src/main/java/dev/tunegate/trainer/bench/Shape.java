package dev.tunegate.trainer.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** Sizes of models that people know, to be filled with random weights. */
public enum Shape {
    SMOLLM2_135M,
    TINYLLAMA_1_1B,
    LLAMA3_8B;

    /** The configuration of such a model. */
    public ModelConfig config() throws IOException {
        String resource = switch (this) {
            case SMOLLM2_135M -> "smollm2-135m.json";
            case TINYLLAMA_1_1B -> "tinyllama-1.1b.json";
            case LLAMA3_8B -> "llama3-8b.json";
        };
        try (InputStream in = Shape.class.getResourceAsStream(resource)) {
            return ModelConfig.parse(new ObjectMapper().readTree(in));
        }
    }

    /** The name as it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-').replace("1-1b", "1.1b");
    }

    /** The shape of that name; an IllegalArgumentException when there is none. */
    public static Shape named(String name) {
        for (Shape shape : values()) {
            if (shape.toString().equals(name)) {
                return shape;
            }
        }
        throw new IllegalArgumentException(name);
    }
}
