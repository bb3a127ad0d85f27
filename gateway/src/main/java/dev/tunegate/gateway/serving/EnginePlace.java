package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.config.Serving;
import dev.tunegate.gateway.config.Serving.SharedDirectory;
import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Objects;

/** One engine with one base model, and the loop that looks after it. */
record EnginePlace(Serving serving, Engine engine, ServingStore store, EngineClient client, ServingLoop loop) {

    static EnginePlace start(Vertx vertx, Database database, AdapterFiles files, Serving serving) {
        EngineClient client = new EngineClient(vertx, serving);
        Engine engine = engine(client, files, serving);
        ServingStore store = new ServingStore(database, serving);
        String label = serving.engine().text() + " with " + serving.baseModel();
        ServingLoop loop =
                new ServingLoop(vertx, label, serving.model(), store, engine, new FirstAnswer(engine, client));
        return new EnginePlace(serving, engine, store, client, loop);
    }

    private static Engine engine(EngineClient client, AdapterFiles files, Serving serving) {
        SharedDirectory directory = serving.directory();
        return switch (serving.engine()) {
            case VLLM -> new Vllm(client, files, Objects.requireNonNull(directory));
            case LLAMA_CPP -> new LlamaCpp(client, files, Objects.requireNonNull(directory), serving.model());
            case OLLAMA -> new Ollama(client, files, serving.model());
            case WORKER -> throw new IllegalArgumentException("workers look after themselves");
        };
    }

    /** What is under way fails, and is taken up by whoever looks after this engine next. */
    Future<Void> close() {
        return client.close().eventually(loop::close);
    }
}
