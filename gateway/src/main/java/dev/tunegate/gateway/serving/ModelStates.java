package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.models.FineTunedModels.FineTunedModel;
import dev.tunegate.gateway.models.InferenceServers;
import dev.tunegate.gateway.serving.EnginePool.States;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Says of every model who answers with it and whether it is ready, be it a worker or another engine. */
public final class ModelStates {
    private final EnginePool engines;
    private final InferenceServers workers;

    public ModelStates(EnginePool engines, InferenceServers workers) {
        this.engines = engines;
        this.workers = workers;
    }

    /** The states of models at one moment. */
    public static final class Snapshot {
        private final Set<String> workerModels;
        private final Map<String, States> engines;

        private Snapshot(Set<String> workerModels, Map<String, States> engines) {
            this.workerModels = workerModels;
            this.engines = engines;
        }

        /** The base models that other engines answer with, whether or not a worker has them, too. */
        public Set<String> engineModels() {
            return Set.copyOf(engines.keySet());
        }

        public ModelState ofBase(String baseModel) {
            States states = engines.get(baseModel);
            return states == null ? ModelState.worker(workerModels.contains(baseModel)) : states.ofBase();
        }

        public ModelState of(FineTunedModel model) {
            String adapter = model.adapterBlob();
            if (adapter == null) {
                return ModelState.upstream();
            }
            States states = engines.get(model.baseModel());
            return states == null ? ofBase(model.baseModel()) : states.ofAdapter(adapter);
        }
    }

    /** The states of all base models, and of these fine-tuned ones. */
    public Future<Snapshot> of(Collection<FineTunedModel> models) {
        List<String> adapters = models.stream()
                .map(FineTunedModel::adapterBlob)
                .filter(Objects::nonNull)
                .toList();
        return engines.states(adapters)
                .compose(states -> workers.models().map(workerModels -> new Snapshot(workerModels, states)));
    }
}
