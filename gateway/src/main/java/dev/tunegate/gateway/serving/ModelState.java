package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.config.EngineKind;
import org.jspecify.annotations.Nullable;

/**
 * Who answers with a model, and whether they could now: the extension {@code tunegate} of a model.
 *
 * @param serving worker, vllm, llama.cpp, ollama or upstream
 * @param state waiting, loading, ready or failed
 * @param reason why it is not ready, where that is known
 */
public record ModelState(
        String serving, String state, @Nullable String reason) {
    public static final String UPSTREAM = "upstream";
    static final String WAITING = "waiting";
    static final String READY = "ready";
    static final String FAILED = "failed";

    /** Workers have every adapter within seconds, so a model is ready when a worker is there. */
    public static ModelState worker(boolean isThere) {
        return new ModelState(
                EngineKind.WORKER.text(),
                isThere ? READY : WAITING,
                isThere ? null : "no worker that answers with its base model is connected");
    }

    /** Nobody asks the other host about each of its models; it says so itself when it cannot answer. */
    public static ModelState upstream() {
        return new ModelState(UPSTREAM, READY, null);
    }

    static ModelState of(EngineKind engine, String state, @Nullable String reason) {
        return new ModelState(engine.text(), state, reason);
    }
}
