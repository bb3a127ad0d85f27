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
    private static final long MAX_JSON_BODY = 32L * 1024 * 1024;

    /**
     * A connection is closed after so long a silence, which ends uploads whose client has vanished. No answer takes as
     * long.
     */
    private static final int MAX_SILENCE_SECONDS = 900;

    private final Vertx vertx;
    private final Routes routes;
    private final Authenticator authenticator;

    /** Serves the contract itself, too. Refuses to be built when the contract and the operations do not cover each other. */
    public ApiServer(Vertx vertx, Contract contract, List<Resource> resources, Authenticator authenticator) {
        this.vertx = vertx;
        this.routes = new Routes(
                contract.endpoints(),
                Stream.concat(Stream.of(contract), resources.stream())
                        .map(Resource::operations)
                        .toList());
        this.authenticator = authenticator;
    }

    public Future<HttpServer> listen(String host, int port) {
        Router router = Router.router(vertx);
        router.route().handler(this::handle).failureHandler(this::refuse);
        return vertx.createHttpServer(new HttpServerOptions()
                        .setMaxInitialLineLength(MAX_REQUEST_LINE)
                        .setMaxHeaderSize(MAX_HEADERS)
                        .setIdleTimeout(MAX_SILENCE_SECONDS)
                        .setHandle100ContinueAutomatically(true)
                        .setTcpKeepAlive(true))
                .requestHandler(router)
                .invalidRequestHandler(InvalidRequests::answer)
                .listen(port, host);
    }

    private void handle(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        request.pause();
        String requestId = ResponseHeaders.announce(ctx);
        Future.succeededFuture()
                .compose(start -> answer(ctx))
                .compose(value -> Responses.send(ctx, value))
                .recover(failure -> Responses.fail(ctx, requestId, failure))
                .onComplete(end -> drain(request));
    }

    private Future<?> answer(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (request.method().equals(HttpMethod.OPTIONS)) {
            return options(ctx);
        }
        Routes.Match match = match(ctx);
        ctx.pathParams().putAll(match.parameters());
        return admit(ctx, match.endpoint().access())
                .compose(in -> WaitingClient.require(request))
                .compose(waits -> readBody(ctx, match.endpoint().content()))
                .compose(read -> match.operation().answer(ctx));
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
                        .onSuccess(caller -> caller.enter(ctx))
                        .mapEmpty();
            case WORKER_TOKEN -> authenticator.worker(ctx.request());
        };
    }

    private static Future<Void> readBody(RoutingContext ctx, Endpoint.RequestContent content) {
        return switch (content) {
            case NONE, STREAM -> Future.succeededFuture();
            case JSON -> RequestBody.read(ctx, MAX_JSON_BODY);
        };
    }

    /** What nobody has read is dropped, so that the connection can carry its next request. */
    private static void drain(HttpServerRequest request) {
        if (!request.isEnded()) {
            request.handler(null).endHandler(null).exceptionHandler(gone -> {}).resume();
        }
    }

    /** Answers what the router itself turns down before a handler runs. */
    private void refuse(RoutingContext ctx) {
        String requestId = ResponseHeaders.announce(ctx);
        Responses.fail(ctx, requestId, reasonOfRefusal(ctx));
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
