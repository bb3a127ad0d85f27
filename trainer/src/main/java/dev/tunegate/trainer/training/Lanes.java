package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Parts of a batch that go through the model side by side, each with its share of the processors. Inside an operator that
 * several threads share they wait for each other, and between operators all but one of them do.
 */
final class Lanes implements AutoCloseable {

    /** More than two were never measured, and each reads all weights for itself. */
    private static final int MOST = 4;

    /** A part with fewer tokens takes as long as one with so many. */
    private static final int FEWEST_TOKENS = 32;

    /** What lanes gain is lost where the longest has so many times its share of the tokens. */
    private static final double UNEVEN = 1.1;

    private final Tunable tunable;
    private final int threads;
    private final NDManager manager;
    private final ExecutorService helpers;

    /** The gradients that the lanes beside the first one add to, since two lanes may not add to the same array at once. */
    private final List<Gradient> gradients = new ArrayList<>();

    private record Gradient(NDArray sums, List<NDList> byLayer) {}

    /** A forward and a backward pass of a part, which adds to these gradients. */
    @FunctionalInterface
    interface Pass<T> {
        T of(Batch part, List<NDList> gradients);
    }

    /**
     * Prepares lanes for a model; none is at work yet.
     *
     * @param threads that they share, see {@link #threads}
     */
    Lanes(LanguageModel model, Tunable tunable, int threads) {
        this.tunable = tunable;
        this.threads = threads;
        manager = model.newSubManager();
        helpers = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "lane");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * How many lanes a batch may have at most.
     *
     * @param divisible how many parts it can be taken apart into
     */
    static int most(int divisible, long tokens, int threads) {
        long most = Math.min(Math.min(MOST, threads), Math.min(divisible, tokens / FEWEST_TOKENS));
        return (int) Math.max(1, most);
    }

    /** The threads that lanes share are all of this machine's; a GPU does everything in one lane. */
    static int threads() {
        return Torch.device().isCuda() ? 1 : Torch.threads();
    }

    /**
     * The parts of a batch, as many as pay, and at least one; see {@link Batch#shares}.
     *
     * @param together how many of its sequences, one behind the other, cannot be taken apart
     */
    List<Batch> parts(Batch batch, int together) {
        int tokens = batch.tokens().length;
        for (int count = most(batch.lengths().length / together, tokens, threads); count > 1; count--) {
            if (threads % count == 0) {
                List<Batch> parts = batch.shares(count, together);
                int longest = parts.stream()
                        .mapToInt(part -> part.tokens().length)
                        .max()
                        .orElseThrow();
                if (longest * count <= UNEVEN * tokens) {
                    return parts;
                }
            }
        }
        return List.of(batch);
    }

    /**
     * Has each part go through. What they add to gradients is then, also when one has failed, in those of the {@link Tunable}.
     *
     * @param own the gradients of the {@link Tunable}
     */
    <T> List<T> train(List<Batch> parts, List<NDList> own, Pass<T> pass) {
        while (gradients.size() < parts.size() - 1) {
            NDArray sums = tunable.parameters().newGradient(manager);
            gradients.add(new Gradient(sums, Objects.requireNonNull(tunable.gradients(sums))));
        }
        try {
            return run(IntStream.range(0, parts.size())
                    .<Supplier<T>>mapToObj(i -> () -> pass.of(
                            parts.get(i), i == 0 ? own : gradients.get(i - 1).byLayer()))
                    .toList());
        } finally {
            for (int i = 1; i < parts.size(); i++) {
                tunable.parameters().collect(gradients.get(i - 1).sums());
            }
        }
    }

    /** Has each part go through without gradients. */
    <T> List<T> evaluate(List<Batch> parts, Function<Batch, T> pass) {
        return run(
                parts.stream().<Supplier<T>>map(part -> () -> pass.apply(part)).toList());
    }

    private <T> List<T> run(List<Supplier<T>> lanes) {
        int share = Math.max(1, threads / lanes.size());
        List<CompletableFuture<T>> running = new ArrayList<>();
        // The first lane is started last, for this thread does it itself.
        for (int i = lanes.size() - 1; i >= 0; i--) {
            Supplier<T> lane = lanes.get(i);
            Executor executor = i == 0 ? Runnable::run : helpers;
            running.add(0, CompletableFuture.supplyAsync(() -> Torch.withThreads(share, lane), executor));
        }
        try {
            // All lanes are waited for, also when one fails: none may be at work any longer when the step is repeated.
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        return running.stream().map(CompletableFuture::join).toList();
    }

    @Override
    public void close() {
        helpers.shutdown();
        manager.close();
    }
}
