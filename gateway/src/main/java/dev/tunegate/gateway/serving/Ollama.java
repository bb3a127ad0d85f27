package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.serving.AdapterFiles.AdapterFile;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Ollama, which takes an adapter's files by HTTP, converts them, and has a model of its own then. */
final class Ollama implements Engine {
    private static final String LATEST = ":latest";

    private final EngineClient client;
    private final AdapterFiles files;
    private final String baseModel;

    /** @param baseModel its name there */
    Ollama(EngineClient client, AdapterFiles files, String baseModel) {
        this.client = client;
        this.files = files;
        this.baseModel = baseModel;
    }

    /** Lists each name with and without the tag that Ollama gives to names which have none. */
    @Override
    public Future<Set<String>> inventory() {
        return client.get("/api/tags").map(reply -> {
            Set<String> names = new HashSet<>();
            for (JsonNode model : reply.list("/models", "GET /api/tags")) {
                String name = model.path("name").asText();
                names.add(name);
                if (name.endsWith(LATEST)) {
                    names.add(name.substring(0, name.length() - LATEST.length()));
                }
            }
            return names;
        });
    }

    @Override
    public Future<Void> load(String name, String adapterBlob) {
        return files.provide(name, adapterBlob)
                .compose(there -> files.list(name))
                .compose(adapter -> push(adapter).compose(pushed -> create(name, adapter)))
                .eventually(() -> files.remove(name));
    }

    private Future<Void> push(List<AdapterFile> adapter) {
        Future<Void> pushed = Future.succeededFuture();
        for (AdapterFile file : adapter) {
            pushed = pushed.compose(before -> push(file));
        }
        return pushed;
    }

    private Future<Void> push(AdapterFile file) {
        String blob = "/api/blobs/" + file.digest();
        return client.head(blob)
                .compose(found -> found.isOk() ? Future.succeededFuture(found) : client.upload(blob, file.path()))
                .map(reply -> reply.requireOk("POST " + blob))
                .mapEmpty();
    }

    private Future<Void> create(String name, List<AdapterFile> adapter) {
        Map<String, String> digests =
                adapter.stream().collect(Collectors.toMap(AdapterFile::name, AdapterFile::digest));
        Map<String, Object> create = Map.of("model", name, "from", baseModel, "adapters", digests, "stream", false);
        return client.send(HttpMethod.POST, "/api/create", create).map(reply -> {
            if (!reply.isOk() || reply.json().has("error")) {
                throw reply.problem("POST /api/create from '" + baseModel + "'");
            }
            return null;
        });
    }

    @Override
    public Future<Void> unload(String name) {
        return client.send(HttpMethod.DELETE, "/api/delete", Map.of("model", name))
                .map(reply -> reply.requireGone("DELETE /api/delete"))
                .compose(gone -> files.remove(name));
    }
}
