package dev.tunegate.gateway.cli.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Shows a training as it goes: one line that is redrawn on a terminal, and elsewhere (a log, a pipe) a plain line
 * every few seconds.
 */
final class ProgressDisplay {
    private static final int BAR_WIDTH = 30;
    private static final Duration PLAIN_LINE_EVERY = Duration.ofSeconds(5);

    private final PrintStream out;
    private final boolean terminal;
    private final InstantSource clock;
    private @Nullable Instant lastLine;
    private int shownStep = -1;

    ProgressDisplay(PrintStream out, boolean terminal, InstantSource clock) {
        this.out = out;
        this.terminal = terminal;
        this.clock = clock;
    }

    void show(Progress progress) {
        if (progress.step() == shownStep) {
            return;
        }
        if (terminal) {
            // CR to the start of the line, and erase what the longer previous line left behind.
            out.print("\r" + bar(progress) + " " + line(progress) + "\u001b[K");
            out.flush();
        } else if (isDue(progress)) {
            out.println("  " + line(progress));
            lastLine = clock.instant();
        } else {
            return;
        }
        shownStep = progress.step();
    }

    /** Leaves the line that is being redrawn. */
    void end() {
        if (terminal && shownStep >= 0) {
            out.println();
        }
    }

    private boolean isDue(Progress progress) {
        return lastLine == null
                || progress.step() == progress.totalSteps()
                || !clock.instant().isBefore(lastLine.plus(PLAIN_LINE_EVERY));
    }

    private static String bar(Progress progress) {
        int filled = BAR_WIDTH * progress.step() / Math.max(1, progress.totalSteps());
        return "  " + "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    }

    private static String line(Progress progress) {
        String line = String.format(
                Locale.ROOT, "step %d/%d  loss %.3f", progress.step(), progress.totalSteps(), progress.loss());
        Duration remaining = progress.remaining();
        return remaining == null ? line : line + "  " + remaining.toSeconds() + " s left";
    }
}
