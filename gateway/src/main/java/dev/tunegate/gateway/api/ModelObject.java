package dev.tunegate.gateway.api;

import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.jobs.ModelNames;
import dev.tunegate.gateway.models.FineTunedModels.FineTunedModel;
import dev.tunegate.gateway.serving.ModelState;
import dev.tunegate.gateway.serving.ModelStates.Snapshot;

/**
 * A model as the API shows it.
 *
 * @param tunegate our extension: who answers with it, and whether they could now
 */
record ModelObject(String id, String object, long created, String ownedBy, ModelState tunegate) {
    private static final String BASE_OWNER = "tunegate";

    ModelObject named(String name) {
        return new ModelObject(name, object, created, ownedBy, tunegate);
    }

    /** A directory of weights has no date that means anything; clients want a number. */
    static ModelObject base(String id, Snapshot states) {
        return new ModelObject(id, "model", 0, BASE_OWNER, states.ofBase(id));
    }

    static ModelObject of(String id, Upstream upstream) {
        return new ModelObject(id, "model", 0, upstream.name(), ModelState.upstream());
    }

    static ModelObject of(FineTunedModel model, String project, Snapshot states) {
        return new ModelObject(
                model.id(),
                "model",
                model.createdAt().toEpochSecond(),
                ModelNames.organization(project),
                states.of(model));
    }
}
