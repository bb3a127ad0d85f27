package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** What {@code --json} prints, in this order. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record DemoResult(
        String jobId,
        String fineTunedModel,
        double exactMatchBefore,
        double exactMatchAfter,
        double trainSeconds,
        double tokensPerSecond) {}
