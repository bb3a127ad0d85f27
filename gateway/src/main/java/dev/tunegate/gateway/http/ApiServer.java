package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.stream.Stream;

/**
 * The HTTP server: finds the operation, lets the caller in, reads the body, runs the operation, sends what comes of
 * it. Every answer, also to a request that is none, has OpenAI's headers and shapes.
 */
public final class ApiServer {
    /** The limit is above OpenAI's own, so that sixteen metadata filters fit into a URL. */
    private static final int MAX_REQUEST_LINE = 64 * 1024;

    private static final int MAX_HEADERS = 32 * 1024;

    /** The owner of what workers' requests hold in memory; it cannot be a project's name. */
    private static final String WORKERS = "/worker";

    private static final String LEASE = MemoryBudget.Lease.class.getName();

    /**
     * A connection is closed after so long a silence, which ends uploads whose client has vanished. No answer takes as
     * long.
     */
    private static final int MAX_SILENCE_SECONDS = 900;

    /** HTTP/2 is for those who ask for it: nobody does, and it would be one more protocol to defend. */
    private static final HttpServerOptions OPTIONS = new HttpServerOptions()
            .setMaxInitialLineLength(MAX_REQUEST_LINE)
            .setMaxHeaderSize(MAX_HEADERS)
            .setIdleTimeout(MAX_SILENCE_SECONDS)
            .setHttp2ClearTextEnabled(false)
            .setTcpKeepAlive(true);

    private final Vertx vertx;
    private final Routes routes;
    private final Authenticator authenticator;
    private final RunningRequests running;
    private final ServerLimits limits;
    private final Connections connections;
    private final MemoryBudget memory;
    private final JsonReader json;

    /** Serves the contract itself, too. Refuses to be built when the contract and the operations do not cover each other. */
    public ApiServer(Vertx vertx, Contract contract, List<Resource> resources, Authenticator authenticator) {
        this(
                vertx,
                contract.endpoints(),
                Stream.concat(Stream.of(contract), resources.stream()).toList(),
                authenticator,
                ServerLimits.of(Runtime.getRuntime().maxMemory()));
    }

    ApiServer(
            Vertx vertx,
            List<Endpoint> endpoints,
            List<Resource> resources,
            Authenticator authenticator,
            ServerLimits limits) {
        this.vertx = vertx;
        this.routes = new Routes(
                endpoints, resources.stream().map(Resource::operations).toList());
        this.authenticator = authenticator;
        this.running = new RunningRequests(vertx, authenticator);
        this.limits = limits;
        this.connections = new Connections(OPTIONS, limits);
        this.memory = new MemoryBudget(limits.memory());
        this.json = new JsonReader(vertx);
    }

    public Future<HttpServer> listen(String host, int port) {
        running.watch();
        Router router = Router.router(vertx);
        router.route().handler(this::handle).failureHandler(this::refuse);
        return vertx.createHttpServer(OPTIONS)
                .connectionHandler(connections::opened)
                .requestHandler(router)
                .invalidRequestHandler(InvalidRequests::answer)
                .listen(port, host);
    }

    /** The bytes of requests that are held in memory now. */
    long bytesHeld() {
        return memory.taken();
    }

    private void handle(RoutingContext ctx) {
        Connections.Connection connection = connections.find(ctx.request().connection());
        if (connection == null) { // it has had to make room for others
            ctx.request().connection().close();
            return;
        }
        BodyStream body = BodyStream.begin(ctx, limits);
        connection.begin(body);
        String requestId = ResponseHeaders.announce(ctx);
        Future.succeededFuture()
                .compose(start -> answer(ctx, connection))
                .compose(value -> Responses.send(ctx, value))
                .recover(failure -> Responses.fail(ctx, requestId, failure))
                .onComplete(end -> {
                    running.end(ctx);
                    release(ctx);
                    body.drain();
                    connection.answered();
                });
    }

    private Future<?> answer(RoutingContext ctx, Connections.Connection connection) {
        HttpServerRequest request = ctx.request();
        if (request.method().equals(HttpMethod.OPTIONS)) {
            return options(ctx);
        }
        Routes.Match match = match(ctx);
        ctx.pathParams().putAll(match.parameters());
        return admit(ctx, match.endpoint().access())
                .onSuccess(in -> {
                    if (match.endpoint().access() != Endpoint.Access.EVERYONE) {
                        connection.admit();
                    }
                })
                .compose(in -> WaitingClient.require(request))
                .compose(waits -> readBody(ctx, match.endpoint()))
                .compose(read -> match.operation().answer(ctx));
    }

    private Future<Void> readBody(RoutingContext ctx, Endpoint endpoint) {
        if (endpoint.content() != Endpoint.RequestContent.JSON) {
            return Future.succeededFuture();
        }
        JsonContentType.require(ctx.request());
        MemoryBudget.Lease lease =
                memory.lease(Caller.find(ctx).map(Caller::project).orElse(WORKERS));
        ctx.put(LEASE, lease);
        return RequestBody.read(ctx, endpoint.largestBody(), lease, limits)
                .compose(body -> json.read(body, lease))
                .onSuccess(body -> Json.keep(ctx, body))
                .mapEmpty();
    }

    /** Called when the operation is done with a request's body, whatever became of the client. */
    private static void release(RoutingContext ctx) {
        MemoryBudget.Lease lease = ctx.get(LEASE);
        if (lease != null) {
            lease.close();
        }
    }

    private Routes.Match match(RoutingContext ctx) {
        try {
            return routes.match(ctx.request().method(), path(ctx));
        } catch (ApiError e) {
            if (e.status() == 405) {
                allow(ctx, routes.allowed(path(ctx)));
            }
            throw e;
        }
    }

    /** The answer has no CORS headers, so that pages of other origins stay out. */
    private Future<Void> options(RoutingContext ctx) {
        List<String> allowed = routes.allowed(path(ctx));
        if (allowed.isEmpty()) {
            throw ApiError.unknownUrl("OPTIONS", ApiError.quoted(path(ctx)));
        }
        allow(ctx, allowed);
        return ctx.response().setStatusCode(204).end();
    }

    private static String path(RoutingContext ctx) {
        String path = ctx.request().path();
        return path == null ? "" : path;
    }

    private static void allow(RoutingContext ctx, List<String> methods) {
        ctx.response().putHeader("allow", String.join(", ", methods));
    }

    private Future<Void> admit(RoutingContext ctx, Endpoint.Access access) {
        return switch (access) {
            case EVERYONE -> Future.succeededFuture();
            case API_KEY ->
                authenticator
                        .caller(ctx.request())
                        .onSuccess(caller -> {
                            caller.enter(ctx);
                            running.begin(ctx, caller);
                        })
                        .mapEmpty();
            case WORKER_TOKEN ->
                authenticator
                        .worker(ctx.request())
                        .onSuccess(worker -> running.begin(ctx, worker))
                        .mapEmpty();
        };
    }

    /** Answers what the router itself turns down before a handler runs. Where its body ends may not be clear either. */
    private void refuse(RoutingContext ctx) {
        Connections.Connection connection = connections.find(ctx.request().connection());
        if (connection != null) {
            connection.refuse();
        }
        BodyStream body = BodyStream.begin(ctx, limits);
        body.broken();
        String requestId = ResponseHeaders.announce(ctx);
        Responses.fail(ctx, requestId, reasonOfRefusal(ctx)).onComplete(end -> body.drain());
    }

    private static Throwable reasonOfRefusal(RoutingContext ctx) {
        Throwable failure = ctx.failure();
        if (ctx.statusCode() >= 400 && ctx.statusCode() < 500) { // HTTP/1.1 without a Host ends here, for instance
            return new ApiError(
                    ctx.statusCode(), "The request is not valid HTTP.", "invalid_request_error", null, null);
        }
        return failure != null
                ? failure
                : ApiError.unknownUrl(
                        ctx.request().method().name(),
                        ApiError.quoted(ctx.request().uri()));
    }
}
