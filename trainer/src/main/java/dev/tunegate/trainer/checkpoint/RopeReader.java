package dev.tunegate.trainer.checkpoint;

/** Reads the fields of a rotary embedding and fills in what they leave open, as transformers does. */
record RopeReader(ConfigFields config, Family family, int headDim, int contextLength) {

    /** @param theta the base if {@code parameters} name none */
    Rope read(ConfigFields parameters, double theta) {
        double base = parameters.positive("rope_theta", theta);
        double partial = parameters.number("partial_rotary_factor", config.number("partial_rotary_factor", 1));
        if (!(partial > 0 && partial <= 1) || (partial != 1 && family != Family.PHI3)) {
            throw new InvalidCheckpoint("partial_rotary_factor " + partial
                    + (family == Family.PHI3 ? " must be above 0 and at most 1" : " is not supported; supported: 1"));
        }
        int pairs = (int) (headDim * partial) / 2;
        return new Rope(base, partial, scaling(parameters, pairs));
    }

    private RopeScaling scaling(ConfigFields parameters, int pairs) {
        String type = parameters.text("rope_type", parameters.text("type", "default"));
        if (family == Family.PHI3 && (type.equals("su") || type.equals("yarn"))) {
            type = "longrope"; // what Phi-3 calls so, in its early files
        }
        return switch (type) {
            // Dynamic scaling begins beyond max_position_embeddings, which no sequence here exceeds.
            case "default", "dynamic" -> new RopeScaling.None();
            case "linear" -> new RopeScaling.Linear(parameters.positive("factor"));
            case "llama3" ->
                new RopeScaling.Llama3(
                        parameters.positive("factor"),
                        parameters.positive("low_freq_factor"),
                        parameters.positive("high_freq_factor"),
                        originalContext(parameters));
            case "yarn" -> yarn(parameters);
            case "longrope" -> longRope(parameters, pairs);
            default ->
                throw new InvalidCheckpoint("rope_type '" + type
                        + "' is not supported; supported: default, linear, dynamic, llama3, yarn, longrope");
        };
    }

    private RopeScaling yarn(ConfigFields parameters) {
        int original = originalContext(parameters);
        double factor = parameters.positive("factor", (double) contextLength / original);
        double scale = parameters.number("mscale", 0);
        double scaleAll = parameters.number("mscale_all_dim", 0);
        double magnitude = scale != 0 && scaleAll != 0
                ? yarnMagnitude(factor, scale) / yarnMagnitude(factor, scaleAll)
                : yarnMagnitude(factor, 1);
        return new RopeScaling.Yarn(
                factor,
                original,
                parameters.positive("beta_fast", 32),
                parameters.positive("beta_slow", 1),
                parameters.flag("truncate", true),
                parameters.positive("attention_factor", magnitude));
    }

    /** Peng et al. 2023, section 3.4. */
    private static double yarnMagnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    private RopeScaling longRope(ConfigFields parameters, int pairs) {
        int original = originalContext(parameters);
        double factor = parameters.positive("factor", (double) contextLength / original);
        double magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(Math.max(2, original)));
        return new RopeScaling.LongRope(
                parameters.numbers("short_factor", pairs),
                parameters.numbers("long_factor", pairs),
                original,
                parameters.positive("attention_factor", magnitude));
    }

    /** Phi-3 has this field beside the others and there it counts. */
    private int originalContext(ConfigFields parameters) {
        int absent = family == Family.PHI3 ? 4096 : contextLength;
        int nested = parameters.size("original_max_position_embeddings", absent, Bounds.CONTEXT);
        return config.size("original_max_position_embeddings", nested, Bounds.CONTEXT);
    }
}
