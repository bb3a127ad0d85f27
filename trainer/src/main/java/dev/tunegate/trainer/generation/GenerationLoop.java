package dev.tunegate.trainer.generation;

import dev.tunegate.trainer.generation.Predictor.Sequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generates many answers at once on one thread, a token each per turn. Answers of the same predictor take their step
 * together in one batch; prompts are read one piece per turn; what does not fit waits in line, and what does not fit
 * the line is refused. So a long answer slows others down but never blocks them.
 */
public final class GenerationLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GenerationLoop.class);

    private final int mostAtOnce;
    private final int mostWaiting;
    private final Queue<Generation> waiting = new ArrayDeque<>();
    private final List<Generation> running = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "generation");
    private boolean closed;

    /**
     * @param mostAtOnce answers that grow side by side; each holds keys and values in memory
     * @param mostWaiting answers that may wait for their turn
     */
    public GenerationLoop(int mostAtOnce, int mostWaiting) {
        this.mostAtOnce = mostAtOnce;
        this.mostWaiting = mostWaiting;
        thread.setDaemon(true);
        thread.start();
    }

    /** Too many answers wait already. */
    public static final class Overloaded extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Handle on answers that were asked for together. */
    public interface Running {
        /** Ends them soon; their listeners still hear the end. */
        void cancel();
    }

    /** One answer to generate and who listens to it. */
    public record Order(GenerationRequest request, AnswerListener listener) {}

    /**
     * Puts all the orders in line, or none.
     *
     * @throws Overloaded when the line is too long for them
     */
    public Running submit(List<Order> orders) {
        List<Generation> generations = orders.stream()
                .map(order -> new Generation(order.request(), order.listener()))
                .toList();
        synchronized (waiting) {
            if (closed || waiting.size() + generations.size() > mostWaiting) {
                throw new Overloaded();
            }
            waiting.addAll(generations);
            waiting.notifyAll();
        }
        return () -> generations.forEach(Generation::cancel);
    }

    private void run() {
        try {
            while (admit()) {
                turn();
            }
        } finally { // also when an Error ends the thread: nobody must wait for an answer that will not come
            synchronized (waiting) {
                closed = true;
                running.addAll(waiting);
                waiting.clear();
            }
            running.forEach(generation -> generation.end(FinishReason.CANCELLED));
        }
    }

    /** Fills the free places from the line; sleeps while there is nothing to do. False once closed. */
    private boolean admit() {
        synchronized (waiting) {
            while (!closed && running.isEmpty() && waiting.isEmpty()) {
                try {
                    waiting.wait();
                } catch (InterruptedException e) {
                    closed = true;
                }
            }
            while (running.size() < mostAtOnce && !waiting.isEmpty()) {
                running.add(waiting.remove());
            }
            return !closed;
        }
    }

    private void turn() {
        running.stream().filter(Generation::cancelled).forEach(generation -> generation.end(FinishReason.CANCELLED));
        running.removeIf(Generation::ended);
        running.stream()
                .filter(Generation::readsPrompt)
                .findFirst()
                .ifPresent(generation -> step(generation.predictor(), List.of(generation)));
        Map<Predictor, List<Generation>> growing = new LinkedHashMap<>();
        for (Generation generation : running) {
            if (!generation.ended() && !generation.readsPrompt()) {
                growing.computeIfAbsent(generation.predictor(), d -> new ArrayList<>())
                        .add(generation);
            }
        }
        growing.forEach(this::step);
        running.removeIf(Generation::ended);
    }

    private void step(Predictor predictor, List<Generation> batch) {
        List<int[]> inputs = batch.stream().map(Generation::nextInput).toList();
        float[][] logits;
        try {
            List<Sequence> sequences = batch.stream().map(Generation::sequence).toList();
            logits = predictor.append(sequences, inputs);
        } catch (RuntimeException e) {
            log.error("Generation failed", e);
            batch.forEach(generation -> generation.fail(e));
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            advance(batch.get(i), inputs.get(i), logits[i]);
        }
    }

    private static void advance(Generation generation, int[] input, float[] logits) {
        try {
            generation.advance(input, logits);
        } catch (RuntimeException e) {
            log.error("Generation failed", e);
            generation.fail(e);
        }
    }

    /** Ends all answers as cancelled and waits for the generating thread. */
    @Override
    public void close() {
        synchronized (waiting) {
            closed = true;
            waiting.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
