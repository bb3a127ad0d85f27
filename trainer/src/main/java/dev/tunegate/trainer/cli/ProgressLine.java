package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.training.StepMetrics;
import dev.tunegate.trainer.training.TrainingListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Shows how far a training is: one line that is rewritten on a terminal, a line every ten seconds elsewhere. */
final class ProgressLine implements TrainingListener {
    private static final Duration OVERWRITING = Duration.ofMillis(100);
    private static final Duration APPENDING = Duration.ofSeconds(10);

    private final PrintWriter out;
    private final boolean quiet;
    private final boolean terminal = isTerminal();
    private long lastShown;
    private double lastValidLoss = Double.NaN;

    ProgressLine(PrintWriter out, boolean quiet) {
        this.out = out;
        this.quiet = quiet;
        this.lastShown = System.nanoTime();
    }

    @Override
    public Directive directive() {
        return Directive.CONTINUE;
    }

    @Override
    public void measured(StepMetrics metrics, Progress progress) {
        lastValidLoss = metrics.validLoss() != null ? metrics.validLoss() : lastValidLoss;
        boolean last = metrics.step() == metrics.totalSteps();
        long now = System.nanoTime();
        if (quiet || (!last && now - lastShown < (terminal ? OVERWRITING : APPENDING).toNanos())) {
            return;
        }
        lastShown = now;
        String valid =
                Double.isNaN(lastValidLoss) ? "" : String.format(Locale.ROOT, "  validation %.3f", lastValidLoss);
        String line = String.format(
                Locale.ROOT,
                "step %d/%d  loss %.3f%s  accuracy %.2f  %,d tokens  %s left",
                metrics.step(),
                metrics.totalSteps(),
                metrics.trainLoss(),
                valid,
                metrics.trainAccuracy(),
                progress.trainedTokens(),
                clock(progress.remaining()));
        if (terminal) {
            // The line begins at its start again and clears what the last one left behind.
            out.print("\r" + line + "\u001b[K" + (last ? System.lineSeparator() : ""));
        } else {
            out.println(line);
        }
        out.flush();
    }

    @Override
    public void noted(String message) {
        if (!quiet) {
            out.println(message);
            out.flush();
        }
    }

    @Override
    public void saved(Saved saved) {
        // The files are where the user asked for them.
    }

    // JDK 22 and later always have a console: the worst that comes of it is a rewritten line in a log.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal() {
        return System.console() != null && System.getenv("TERM") != null;
    }

    private static String clock(Duration left) {
        return "%d:%02d".formatted(left.toMinutes(), left.toSecondsPart());
    }
}
