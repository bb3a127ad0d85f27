package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** vLLM's OpenAI-compatible server, which loads LoRA adapters while it runs from a directory that it sees. */
final class Vllm implements Engine {
    private static final String LOAD = "/v1/load_lora_adapter";
    private static final String UNLOAD = "/v1/unload_lora_adapter";

    private final EngineClient client;
    private final AdapterFiles files;
    private final SharedDirectory directory;

    Vllm(EngineClient client, AdapterFiles files, SharedDirectory directory) {
        this.client = client;
        this.files = files;
        this.directory = directory;
    }

    @Override
    public Future<Set<String>> inventory() {
        return client.get("/v1/models").map(reply -> {
            Set<String> names = new HashSet<>();
            reply.list("/data", "GET /v1/models")
                    .forEach(model -> names.add(model.path("id").asText()));
            return names;
        });
    }

    @Override
    public Future<Void> load(String name, String adapterBlob) {
        String path = directory.there() + "/" + name;
        return files.provide(name, adapterBlob)
                .compose(there -> client.send(HttpMethod.POST, LOAD, Map.of("lora_name", name, "lora_path", path)))
                .map(reply -> {
                    if (!reply.isOk() && !reply.words().contains("already been loaded")) {
                        throw refused(reply, path);
                    }
                    return null;
                });
    }

    private static EngineProblem refused(EngineReply reply, String path) {
        String words = reply.problem("POST " + LOAD).reason();
        boolean isFromModels = reply.json().has("error"); // without it the web framework answers: there is no such URL
        if (reply.status() == 405 || (reply.status() == 404 && !isFromModels)) {
            return EngineProblem.lasting(
                    words
                            + ". Start vLLM with --enable-lora and with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in its environment");
        }
        if (reply.status() == 404) {
            return EngineProblem.lasting(words + ". It looked at " + path
                    + ": does it see the adapters_dir there? engine_dir says where it does");
        }
        return reply.problem("POST " + LOAD);
    }

    @Override
    public Future<Void> unload(String name) {
        return client.send(HttpMethod.POST, UNLOAD, Map.of("lora_name", name))
                .map(reply -> reply.requireGone("POST " + UNLOAD))
                .compose(gone -> files.remove(name));
    }
}
