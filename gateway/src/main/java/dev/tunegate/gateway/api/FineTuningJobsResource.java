package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Sha256;
import dev.tunegate.gateway.forwarding.ForwardedJobs;
import dev.tunegate.gateway.forwarding.Hosts;
import dev.tunegate.gateway.forwarding.JobOrders;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.Page;
import dev.tunegate.gateway.http.PathParameter;
import dev.tunegate.gateway.http.Query;
import dev.tunegate.gateway.http.Resource;
import dev.tunegate.gateway.jobs.CheckpointStore;
import dev.tunegate.gateway.jobs.EventLog;
import dev.tunegate.gateway.jobs.Hyperparameters;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobFilter;
import dev.tunegate.gateway.jobs.JobRequest;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.jobs.Metadata;
import dev.tunegate.gateway.models.ModelPlaces;
import dev.tunegate.gateway.models.ModelPlaces.Place;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.retries.CreateRequest;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** The resource /v1/fine_tuning/jobs: jobs are created, read, paused and cancelled here, wherever they train. */
public final class FineTuningJobsResource implements Resource {
    private static final int MAX_PAGE = 1000;

    private final JobStore jobs;
    private final EventLog events;
    private final CheckpointStore checkpoints;
    private final JobOrders orders;
    private final ModelPlaces places;
    private final ModelRoutes routes;
    private final Hyperparameters hyperparameters;

    private FineTuningJobsResource(
            JobStore jobs,
            EventLog events,
            CheckpointStore checkpoints,
            JobOrders orders,
            ModelPlaces places,
            ModelRoutes routes,
            Hyperparameters hyperparameters) {
        this.jobs = jobs;
        this.events = events;
        this.checkpoints = checkpoints;
        this.orders = orders;
        this.places = places;
        this.routes = routes;
        this.hyperparameters = hyperparameters;
    }

    /** Jobs of local models and of the hosts that the routes lead to. */
    public static FineTuningJobsResource of(
            Database database,
            Hosts hosts,
            ModelPlaces places,
            ModelRoutes routes,
            Hyperparameters hyperparameters,
            ProjectQuotas quotas) {
        JobStore jobs = new JobStore(database, quotas);
        return new FineTuningJobsResource(
                jobs,
                new EventLog(database),
                new CheckpointStore(database),
                new JobOrders(jobs, new ForwardedJobs(database, hosts)),
                places,
                routes,
                hyperparameters);
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of(
                "createFineTuningJob", this::create,
                "listPaginatedFineTuningJobs", this::list,
                "retrieveFineTuningJob", ctx -> find(ctx).map(this::object),
                "cancelFineTuningJob", this::cancel,
                "pauseFineTuningJob", this::pause,
                "resumeFineTuningJob", this::resume,
                "listFineTuningEvents", this::listEvents,
                "listFineTuningJobCheckpoints", this::listCheckpoints);
    }

    /** An alias is gone from here on: as at OpenAI, the job has the name of the model that it stands for. */
    private Future<JobObject> create(RoutingContext ctx) {
        ObjectNode body = Json.body(ctx);
        JobRequest sent = JobRequest.read(body, hyperparameters);
        JobRequest request = sent.withModel(routes.resolve(sent.model()));
        CreateRequest create = CreateRequest.of(ctx, Sha256.hex(body.toString()));
        return places.forFineTuning(create.project(), request.model())
                .compose(place -> create(create, request, place))
                .map(this::object);
    }

    private Future<Job> create(CreateRequest create, JobRequest request, Place place) {
        if (place instanceof Place.Local local) {
            return jobs.create(create, request, local.baseModel(), null);
        }
        if (place instanceof Place.Upstreamed there) {
            requireRoomForOurId(request);
            return jobs.create(
                    create, request, there.baseModel(), there.upstream().name());
        }
        throw JobStore.modelNotAvailable(request.model());
    }

    /** The job's id goes along in its metadata, so that it is found again and never created twice. */
    private static void requireRoomForOurId(JobRequest request) {
        JsonNode metadata = request.metadata();
        if (metadata != null && metadata.size() >= Metadata.MAX_PAIRS) {
            throw InvalidField.of(
                    "metadata",
                    metadata,
                    "input should have at most " + (Metadata.MAX_PAIRS - 1) + " pairs for a model of an upstream, where"
                            + " the job's id here takes one more");
        }
    }

    private Future<Page.Listing<JobObject>> list(RoutingContext ctx) {
        Page page = Page.of(ctx, 20, MAX_PAGE);
        JobFilter filter = new JobFilter(Query.map(ctx, "metadata"), Query.isNull(ctx, "metadata"));
        return jobs.list(Caller.of(ctx).project(), filter, page)
                .compose(rows -> jobs.listed(rows).map(rows))
                .map(rows -> page.listing(rows.stream().map(this::object).toList()));
    }

    private Future<JobObject> cancel(RoutingContext ctx) {
        return find(ctx).compose(job -> orders.cancel(job, isRetry(ctx))).map(this::object);
    }

    private Future<JobObject> pause(RoutingContext ctx) {
        return find(ctx).compose(orders::pause).map(this::object);
    }

    private Future<JobObject> resume(RoutingContext ctx) {
        return find(ctx).compose(job -> orders.resume(job, isRetry(ctx))).map(this::object);
    }

    private Future<Page.Listing<EventObject>> listEvents(RoutingContext ctx) {
        Page page = Page.of(ctx, 20, MAX_PAGE);
        return find(ctx)
                .compose(job -> events.list(job.id(), page))
                .map(rows -> page.listing(rows.stream().map(EventObject::of).toList()));
    }

    private Future<Page.IdentifiedListing<CheckpointObject>> listCheckpoints(RoutingContext ctx) {
        Page page = Page.of(ctx, 10, MAX_PAGE);
        return find(ctx)
                .compose(job -> checkpoints.list(job.id(), page))
                .map(rows ->
                        page.listing(rows.stream().map(CheckpointObject::of).toList(), CheckpointObject::id));
    }

    private JobObject object(Job job) {
        return JobObject.of(job, hyperparameters.inOrder(job.request().hyperparameters()));
    }

    private Future<Job> find(RoutingContext ctx) {
        String id = jobId(ctx);
        Caller caller = Caller.of(ctx);
        return jobs.used(caller, id)
                .compose(noted -> jobs.find(caller.project(), id))
                .map(found -> found.orElseThrow(() -> JobStore.unknown(id)));
    }

    private static String jobId(RoutingContext ctx) {
        return PathParameter.of(ctx, "fine_tuning_job_id");
    }

    private static boolean isRetry(RoutingContext ctx) {
        return CreateRequest.isRetry(ctx.request());
    }
}
