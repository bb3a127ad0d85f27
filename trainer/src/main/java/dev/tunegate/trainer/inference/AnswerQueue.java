package dev.tunegate.trainer.inference;

import dev.tunegate.trainer.generation.AnswerListener;
import dev.tunegate.trainer.generation.FinishReason;
import dev.tunegate.trainer.generation.GenerationLoop;
import dev.tunegate.trainer.generation.GenerationLoop.Order;
import dev.tunegate.trainer.generation.GenerationRequest;
import dev.tunegate.trainer.generation.TokenScore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The answers to one request while they grow, as one queue of events between the generating thread and the request's
 * own. Closing cancels what still runs and returns once the model is no longer used for it.
 */
final class AnswerQueue implements AutoCloseable {

    /** What happens to one of a request's answers; {@code index} says which. */
    sealed interface Event {
        int index();
    }

    /** More text, with the scores of its tokens where they were asked for. */
    record Text(int index, String text, List<TokenScore> scores) implements Event {}

    record Ended(int index, FinishReason reason, int completionTokens) implements Event {}

    record Failed(int index, RuntimeException failure) implements Event {}

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final GenerationLoop.Running running;
    private int open;

    /** @throws GenerationLoop.Overloaded when too many answers wait already */
    AnswerQueue(GenerationLoop loop, ServedModel model, int[] prompt, ChatRequest request) {
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < request.n(); i++) {
            GenerationRequest generation = new GenerationRequest(
                    model.predictor(),
                    prompt,
                    model.stopTokens(),
                    model.textStream(),
                    request.sampling().withSeed(request.sampling().seed() + i));
            orders.add(new Order(generation, new Queued(i, events)));
        }
        open = orders.size();
        running = loop.submit(orders);
    }

    private record Queued(int index, BlockingQueue<Event> events) implements AnswerListener {
        @Override
        public void text(String text, List<TokenScore> scores) {
            events.add(new Text(index, text, scores));
        }

        @Override
        public void ended(FinishReason reason, int completionTokens) {
            events.add(new Ended(index, reason, completionTokens));
        }

        @Override
        public void failed(RuntimeException failure) {
            events.add(new Failed(index, failure));
        }
    }

    /** Whether an answer is still to end. */
    boolean more() {
        return open > 0;
    }

    /** Whether {@link #next} would have to wait. */
    boolean quiet() {
        return events.isEmpty();
    }

    Event next() throws InterruptedException {
        Event event = events.take();
        open -= event instanceof Text ? 0 : 1;
        return event;
    }

    /** Ends the answers soon; their ends still come. */
    void cancel() {
        running.cancel();
    }

    @Override
    public void close() {
        cancel();
        boolean interrupted = false;
        while (more()) {
            try {
                next();
            } catch (InterruptedException e) {
                interrupted = true; // the model must not be let go before the generating thread is done with it
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
