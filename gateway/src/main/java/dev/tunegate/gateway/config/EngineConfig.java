package dev.tunegate.gateway.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The engine that answers with a base model and with what was fine-tuned from it, where that is not a worker.
 *
 * @param baseModel its name here
 * @param baseUrl of the engine, without the /v1
 * @param apiKey null for an engine that asks for none
 * @param model the base model's name there
 * @param directory where adapters are handed over; null for an engine that takes them by HTTP
 * @param timeout how long an answer may take
 * @param loadTimeout how long the engine may take to load an adapter, and to give its first answer with it
 */
public record EngineConfig(
        String baseModel,
        EngineKind engine,
        URI baseUrl,
        @Nullable String apiKey,
        String model,
        @Nullable SharedDirectory directory,
        Duration timeout,
        Duration loadTimeout) {
    static final Duration DEFAULT_LOAD_TIMEOUT = Duration.ofMinutes(5);

    /**
     * A directory that two machines see, perhaps under different names.
     *
     * @param here where this gateway writes
     * @param there the same as the engine sees it
     */
    public record SharedDirectory(Path here, String there) {}

    /** Leaves out the key: what is printed ends up in logs. */
    @Override
    public String toString() {
        return "EngineConfig[" + baseModel + ", " + engine.text() + ", " + baseUrl + ", key "
                + (apiKey == null ? "not set" : "set") + "]";
    }
}
