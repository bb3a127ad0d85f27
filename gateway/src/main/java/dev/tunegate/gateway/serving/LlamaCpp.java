package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * llama.cpp's server. It loads adapters when it starts and no later, as GGUF files. Each request says which of them
 * answers, by their numbers, which are those of the command line.
 */
final class LlamaCpp implements Engine {
    private static final String ADAPTERS = "/lora-adapters";
    private static final String GGUF = ".gguf";

    private final EngineClient client;
    private final AdapterFiles files;
    private final SharedDirectory directory;
    private final String baseModel;

    /** @param baseModel its name there */
    LlamaCpp(EngineClient client, AdapterFiles files, SharedDirectory directory, String baseModel) {
        this.client = client;
        this.files = files;
        this.directory = directory;
        this.baseModel = baseModel;
    }

    @Override
    public Future<Set<String>> inventory() {
        return adapters().map(adapters -> {
            Set<String> names = new TreeSet<>(adapters.values());
            names.add(baseModel);
            return names;
        });
    }

    /**
     * Asks for its adapters' numbers, and gives them with our names. A path is the command line's, perhaps relative to a directory that we do not
     * know; its last part is a name that is in no other directory.
     */
    private Future<Map<Integer, String>> adapters() {
        return client.get(ADAPTERS).map(reply -> {
            Map<Integer, String> adapters = new LinkedHashMap<>();
            for (JsonNode adapter : reply.list("", "GET " + ADAPTERS)) {
                String file = adapter.path("path").asText().replaceAll("^.*[/\\\\]", "");
                adapters.put(adapter.path("id").asInt(-1), file.replaceAll("\\.gguf$", ""));
            }
            return adapters;
        });
    }

    /** Lays the adapter ready and says what is awaited: no more can be done from here. */
    @Override
    public Future<Void> load(String name, String adapterBlob) {
        return files.provide(name, adapterBlob)
                .compose(there -> files.exists(name + GGUF))
                .map(converted -> {
                    String start = "start llama-server with --lora " + directory.there() + "/" + name + GGUF;
                    throw EngineProblem.passing(
                            converted
                                    ? "llama-server loads adapters when it starts: " + start
                                    : "the file " + name + GGUF + " is awaited in adapters_dir: make it with"
                                            + " convert_lora_to_gguf.py of llama.cpp from the directory " + name
                                            + ", and "
                                            + start);
                });
    }

    /** It keeps the adapter until it ends, but no name leads there any more. The GGUF file belongs to whoever made it, and stays. */
    @Override
    public Future<Void> unload(String name) {
        return files.remove(name);
    }

    /** Its answers name the base model's file, whichever adapter has answered. */
    @Override
    public boolean answersByName() {
        return false;
    }

    /**
     * Numbers change when the server is started anew with other adapters, so they are asked for each time: a stale one
     * would answer with somebody else's model. A request that names no adapter gets all of them.
     */
    @Override
    public Future<ObjectNode> address(ObjectNode request, String name) {
        return adapters().map(adapters -> {
            if (!name.equals(baseModel) && !adapters.containsValue(name)) {
                throw EngineProblem.passing("llama-server was started without " + name + GGUF);
            }
            request.put("model", baseModel).remove("lora");
            if (!adapters.isEmpty()) {
                ArrayNode lora = request.putArray("lora");
                adapters.forEach(
                        (id, adapter) -> lora.addObject().put("id", id).put("scale", adapter.equals(name) ? 1.0 : 0.0));
            }
            return request;
        });
    }
}
