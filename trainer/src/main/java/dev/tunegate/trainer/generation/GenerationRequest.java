package dev.tunegate.trainer.generation;

import java.util.Set;

/**
 * One answer to generate.
 *
 * @param prompt at least one token; the prompt and one more token fit the predictor's context
 * @param stopTokens ids that end the answer and are not part of it
 * @param text turns this answer's tokens into text; fresh, since it remembers
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and token ids are arrays everywhere else
public record GenerationRequest(
        Predictor predictor, int[] prompt, Set<Integer> stopTokens, TextStream text, SamplingOptions options) {}
