package dev.tunegate.gateway.config;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of servers that answer with a base model and with what was fine-tuned from it. */
public enum EngineKind {
    WORKER("worker"),
    VLLM("vllm"),
    LLAMA_CPP("llama.cpp"),
    OLLAMA("ollama");

    private final String text;

    EngineKind(String text) {
        this.text = text;
    }

    /** The name that the file has for it, and that clients see. */
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
