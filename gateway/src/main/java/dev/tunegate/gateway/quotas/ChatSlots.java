package dev.tunegate.gateway.quotas;

import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** How many chat requests of each project this gateway is answering. */
public final class ChatSlots {
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final int most;
    private final Map<String, Integer> taken = new ConcurrentHashMap<>();

    /** @param most for one project */
    public ChatSlots(int most) {
        this.most = most;
    }

    /** Has a chat answered, unless the project has too many under way. */
    public Future<Void> within(String project, Supplier<Future<Void>> chat) {
        if (taken.merge(project, 1, Integer::sum) > most) {
            release(project);
            throw TooMany.requests(
                    "Rate limit reached for chat completions in project " + ApiError.quoted(project)
                            + " on concurrent requests: Limit " + most + ". Please try again in "
                            + WAIT.toSeconds() + "s.",
                    WAIT);
        }
        return Future.<Void>succeededFuture().compose(begin -> chat.get()).onComplete(done -> release(project));
    }

    private void release(String project) {
        taken.computeIfPresent(project, (name, count) -> count == 1 ? null : count - 1);
    }
}
