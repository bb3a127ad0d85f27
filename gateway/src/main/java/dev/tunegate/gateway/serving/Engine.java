package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.util.Set;

/** A server of somebody else's that answers with models of ours. Its failures are {@link EngineProblem}s. */
interface Engine {
    /** The names of everything that it could answer with now, the base model's among them. */
    Future<Set<String>> inventory();

    /** Brings it an adapter under a name that it has not had before. That the engine says so does not yet mean that it answers. */
    Future<Void> load(String name, String adapterBlob);

    /** Takes the adapter of that name away from it, if it has it. */
    Future<Void> unload(String name);

    /** Whether its answers say under which name they were given. */
    default boolean answersByName() {
        return true;
    }

    /** Changes a chat request into one that the engine answers with what it has under that name. */
    default Future<ObjectNode> address(ObjectNode request, String name) {
        return Future.succeededFuture(request.put("model", name));
    }
}
