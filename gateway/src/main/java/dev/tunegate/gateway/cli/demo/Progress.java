package dev.tunegate.gateway.cli.demo;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a training has come.
 *
 * @param remaining the trainer's own estimate; null until it has one
 */
record Progress(
        int step, int totalSteps, double loss, @Nullable Duration remaining) {}
