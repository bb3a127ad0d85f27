package dev.tunegate.gateway.chaos;

import java.time.Duration;

/**
 * A job that a client has done, whatever goes wrong meanwhile.
 *
 * @param at when its file is uploaded, from the beginning of the run
 * @param isBySdk whether OpenAI's SDK creates it with its own retries, and gives up some time; the others name an
 *     Idempotency-Key and ask until they are answered
 * @param patience how long it is left alone before it is cancelled, or between pause and resumption
 */
record Order(int number, Duration at, Recipe recipe, boolean isBySdk, Wish wish, Duration patience) {
    /** What is trained; jobs of the same recipe come to the same losses. */
    enum Recipe {
        FEW_LINES(24, 16),
        MANY_LINES(120, 4);

        private static final int BATCH = 8;

        final int lines;
        final int epochs;

        Recipe(int lines, int epochs) {
            this.lines = lines;
            this.epochs = epochs;
        }

        int batch() {
            return BATCH;
        }

        int steps() {
            return epochs * lines / BATCH;
        }
    }

    /** What the client wants of it. */
    enum Wish {
        TRAIN,
        CANCEL,
        PAUSE_AND_RESUME
    }

    /** By which the job is found again. */
    String mark() {
        return "order-" + number;
    }

    @Override
    public String toString() {
        return "%5.1f s  %s: %s %s%s, patience %.1f s"
                .formatted(
                        at.toMillis() / 1e3,
                        mark(),
                        wish,
                        recipe,
                        isBySdk ? " by the SDK" : "",
                        patience.toMillis() / 1e3);
    }
}
