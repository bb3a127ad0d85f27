package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Objects;

/** One engine with one base model, and the loop that looks after it. */
record EnginePlace(EngineConfig config, Engine engine, EngineModelStore store, EngineClient client, EngineSync loop) {

    static EnginePlace start(
            Vertx vertx, Database database, AdapterFiles files, EngineConfig config, Duration lookEvery) {
        EngineClient client = new EngineClient(vertx, config);
        Engine engine = engine(client, files, config);
        EngineModelStore store = new EngineModelStore(database, config);
        String label = config.engine().text() + " with " + config.baseModel();
        EngineSync loop =
                new EngineSync(vertx, label, config.model(), store, engine, new FirstAnswer(engine, client), lookEvery);
        return new EnginePlace(config, engine, store, client, loop);
    }

    private static Engine engine(EngineClient client, AdapterFiles files, EngineConfig config) {
        SharedDirectory directory = config.directory();
        return switch (config.engine()) {
            case VLLM -> new Vllm(client, files, Objects.requireNonNull(directory));
            case LLAMA_CPP -> new LlamaCpp(client, files, Objects.requireNonNull(directory), config.model());
            case OLLAMA -> new Ollama(client, files, config.model());
            case WORKER -> throw new IllegalArgumentException("workers look after themselves");
        };
    }

    /** Ends what is under way, which fails then; whoever looks after this engine next takes it up. */
    Future<Void> close() {
        return client.close().eventually(loop::close);
    }
}
