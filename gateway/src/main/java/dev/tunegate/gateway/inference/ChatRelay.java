package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes a chat request on to the first of its targets that answers, and the answer back. As long as the client has got
 * nothing, a target that cannot answer makes way for the next.
 */
public final class ChatRelay {
    private static final Logger log = LoggerFactory.getLogger(ChatRelay.class);
    private static final int CONNECT_TIMEOUT_MS = 3_000;
    /** A request waits so long for a connection, because it may need one that another request has not done with. */
    private static final Duration POOL_TIMEOUT = Duration.ofSeconds(10);

    private static final int CONNECTIONS_PER_HOST = 512;
    private static final int FIRST_PAUSE_MS = 100;
    private static final int UNAVAILABLE = 503;

    private final Vertx vertx;
    private final HttpClient client;

    public ChatRelay(Vertx vertx) {
        this.vertx = vertx;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS).setTcpKeepAlive(true),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_HOST));
    }

    /**
     * Has a request answered.
     *
     * @param targets one at least
     */
    public Future<Void> relay(List<ChatTarget> targets, ChatRequest request, ChatAnswer answer) {
        ChatTarget target = targets.get(0);
        return target.body(request)
                .compose(body -> connect(target, 0)
                        .compose(call -> new ChatExchange(vertx, target, request, answer, call).run(body)))
                .recover(failure -> targets.size() > 1 && mayAskAnother(failure, answer)
                        ? relay(targets.subList(1, targets.size()), request, answer)
                        : Future.failedFuture(failure));
    }

    private static boolean mayAskAnother(Throwable failure, ChatAnswer answer) {
        return failure instanceof ApiError error && error.status() == UNAVAILABLE && !answer.hasBegun();
    }

    /** Connects to a target. Trying again is safe, because nothing was sent. Fails with an {@link ApiError}. */
    private Future<HttpClientRequest> connect(ChatTarget target, int tries) {
        return client.request(options(target)).recover(failure -> {
            log.warn("{} takes no connections: {}", target, failure.toString());
            if (tries >= target.retries()) {
                return Future.failedFuture(target.unreachable(failure));
            }
            long pause = (long) (FIRST_PAUSE_MS
                    * (1 << tries)
                    * (0.5 + ThreadLocalRandom.current().nextDouble()));
            return vertx.timer(pause, TimeUnit.MILLISECONDS).compose(later -> connect(target, tries + 1));
        });
    }

    private static RequestOptions options(ChatTarget target) {
        long patience = Math.min(POOL_TIMEOUT.toMillis(), target.timeout().toMillis());
        return new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(target.url())
                .setConnectTimeout(patience)
                .setFollowRedirects(false);
    }
}
