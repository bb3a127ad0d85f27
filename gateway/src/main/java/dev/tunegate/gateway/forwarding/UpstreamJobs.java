package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.upstream.UpstreamClient;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An upstream's /fine_tuning/jobs. */
final class UpstreamJobs {
    /** The metadata of a job there says under this key which of ours it is. */
    static final String JOB_ID = "tunegate_job_id";

    private static final String JOBS = "/fine_tuning/jobs";
    private static final int PAGE = 100;
    private static final int MOST_PAGES = 100;

    private final UpstreamClient host;

    UpstreamJobs(UpstreamClient host) {
        this.host = host;
    }

    /** Creates the job there; its id says whose it is, so that a creation in doubt can be looked for. */
    Future<UpstreamJob> create(Job job, String trainingFile, @Nullable String validationFile) {
        ObjectNode body = Json.MAPPER
                .createObjectNode()
                .put("model", job.request().model())
                .put("training_file", trainingFile)
                .put("seed", job.request().seed());
        if (validationFile != null) {
            body.put("validation_file", validationFile);
        }
        if (job.request().suffix() != null) {
            body.put("suffix", job.request().suffix());
        }
        ObjectNode method = body.putObject("method").put("type", job.request().method());
        method.putObject(job.request().method())
                .set("hyperparameters", job.request().hyperparameters());
        JsonNode metadata = job.request().metadata();
        ObjectNode ours = body.putObject("metadata");
        if (metadata instanceof ObjectNode given) {
            ours.setAll(given);
        }
        ours.put(JOB_ID, job.id());
        if (job.request().integrations() != null
                && !job.request().integrations().isEmpty()) {
            body.set("integrations", job.request().integrations());
        }
        return host.post(JOBS, body, Map.of("idempotency-key", job.id())).map(json -> UpstreamJob.of(json, host));
    }

    /**
     * Finds the job that was created there for one of ours, if it was. Not every host knows how to filter, so each job
     * is looked at.
     */
    Future<Optional<UpstreamJob>> find(Job job) {
        String filter = "&metadata%5B" + JOB_ID + "%5D=" + job.id();
        return find(job, filter, "", MOST_PAGES);
    }

    private Future<Optional<UpstreamJob>> find(Job job, String filter, String after, int pages) {
        return host.get(JOBS + "?limit=" + PAGE + filter + after).compose(json -> {
            JsonNode data = list(json);
            for (JsonNode candidate : data) {
                if (candidate.path("metadata").path(JOB_ID).asText().equals(job.id())) {
                    return Future.succeededFuture(Optional.of(UpstreamJob.of(candidate, host)));
                }
            }
            return hasMore(json, data) && pages > 1
                    ? find(job, filter, after(data), pages - 1)
                    : Future.succeededFuture(Optional.empty());
        });
    }

    Future<UpstreamJob> get(String id) {
        return host.get(path(id)).map(json -> UpstreamJob.of(json, host));
    }

    /** @param order cancel, pause or resume */
    Future<Optional<UpstreamJob>> order(String id, String order) {
        return host.post(path(id) + "/" + order).map(json -> UpstreamJob.ifAny(json, host));
    }

    /**
     * Gets the events that are not known yet, the oldest first.
     *
     * @param known those of some ids that are
     */
    Future<List<UpstreamEvent>> newEvents(String id, Function<List<String>, Future<Set<String>>> known) {
        return newEvents(id, "", known, new ArrayList<>(), MOST_PAGES);
    }

    private Future<List<UpstreamEvent>> newEvents(
            String id,
            String after,
            Function<List<String>, Future<Set<String>>> known,
            List<UpstreamEvent> found,
            int pages) {
        return host.get(path(id) + "/events?limit=" + PAGE + after).compose(json -> {
            JsonNode data = list(json);
            List<UpstreamEvent> page = new ArrayList<>();
            data.forEach(event -> page.add(UpstreamEvent.of(event, host)));
            return known.apply(page.stream().map(UpstreamEvent::id).toList()).compose(old -> {
                page.stream()
                        .filter(event -> !old.contains(event.id()))
                        .forEach(event -> found.add(0, event)); // they come the newest first
                return old.isEmpty() && hasMore(json, data) && pages > 1
                        ? newEvents(id, after(data), known, found, pages - 1)
                        : Future.succeededFuture(found);
            });
        });
    }

    Future<List<UpstreamCheckpoint>> checkpoints(String id) {
        return host.get(path(id) + "/checkpoints?limit=" + PAGE).map(json -> {
            List<UpstreamCheckpoint> checkpoints = new ArrayList<>();
            list(json).forEach(checkpoint -> checkpoints.add(UpstreamCheckpoint.of(checkpoint, host)));
            return checkpoints;
        });
    }

    private static String path(String id) {
        return JOBS + "/" + UpstreamIds.inPath(id);
    }

    private JsonNode list(JsonNode json) {
        JsonNode data = json.path("data");
        if (!data.isArray()) {
            throw host.nonsense("something that is no list");
        }
        return data;
    }

    private static boolean hasMore(JsonNode json, JsonNode data) {
        return json.path("has_more").asBoolean() && !data.isEmpty();
    }

    private String after(JsonNode data) {
        JsonNode last = data.get(data.size() - 1);
        return "&after=" + UpstreamIds.require(last.path("id"), "a list of things without ids", host);
    }
}
