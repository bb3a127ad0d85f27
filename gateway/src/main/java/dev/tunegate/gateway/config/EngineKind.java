package dev.tunegate.gateway.config;

import java.util.Arrays;
import java.util.Optional;

/** What answers with a base model and with what was fine-tuned from it. */
public enum EngineKind {
    WORKER("worker"),
    VLLM("vllm"),
    LLAMA_CPP("llama.cpp"),
    OLLAMA("ollama");

    private final String text;

    EngineKind(String text) {
        this.text = text;
    }

    /** As the file writes it, and as clients see it. */
    public String text() {
        return text;
    }

    /** Whether adapters reach it through a directory that it shares with the gateway. */
    boolean sharesDirectory() {
        return this == VLLM || this == LLAMA_CPP;
    }

    static Optional<EngineKind> of(String text) {
        return Arrays.stream(values()).filter(kind -> kind.text.equals(text)).findFirst();
    }
}
