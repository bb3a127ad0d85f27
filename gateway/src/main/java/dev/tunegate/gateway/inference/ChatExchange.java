package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.upstream.WholeAnswer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request to a target and its answer. A client that leaves ends it, and so do the target's timeout and its silence. Where
 * it fails, {@link ChatAnswer#hasBegun} says whether the client has got anything of it.
 */
final class ChatExchange {
    private static final Logger log = LoggerFactory.getLogger(ChatExchange.class);
    private static final String EVENT_STREAM = "text/event-stream";
    private static final long NO_TIMER = -1;
    private static final int SLOWEST_BYTES_PER_SECOND = 1_000_000;

    private final Vertx vertx;
    private final ChatTarget target;
    private final ChatRequest request;
    private final ChatAnswer answer;
    private final HttpClientRequest call;
    private volatile boolean isReceived;
    private volatile boolean isLate;

    ChatExchange(Vertx vertx, ChatTarget target, ChatRequest request, ChatAnswer answer, HttpClientRequest call) {
        this.vertx = vertx;
        this.target = target;
        this.request = request;
        this.answer = answer;
        this.call = call;
    }

    Future<Void> run(Buffer body) {
        if (answer.isGone()) {
            return call.reset().mapEmpty();
        }
        answer.onGone(this::breakOff);
        call.putHeader("content-type", "application/json");
        target.headers().forEach(call::putHeader);
        long timer = expireAfter(target.timeout());
        long silence = target.silence().isZero() ? NO_TIMER : expireAfter(patience(body));
        return call.send(body)
                .onComplete(begun -> vertx.cancelTimer(silence))
                .compose(this::passBack)
                .recover(this::failed)
                .onComplete(done -> vertx.cancelTimer(timer));
    }

    /** A request has to be received before it can be answered. */
    private Duration patience(Buffer body) {
        return target.silence().plusSeconds(body.length() / SLOWEST_BYTES_PER_SECOND);
    }

    private long expireAfter(Duration time) {
        return vertx.setTimer(time.toMillis(), id -> {
            isLate = true;
            call.reset();
        });
    }

    private Future<Void> passBack(HttpClientResponse response) {
        response.end().onSuccess(end -> isReceived = true);
        ReadStream<Buffer> body = SilenceLimit.on(vertx, response, target.silence(), target::late);
        Map<String, String> headers = target.passedOn(response.headers());
        return response.statusCode() == 200 && isEventStream(response)
                ? answer.events(target.events(request, body), headers, this::breakOff)
                : WholeAnswer.read(response, body, WholeAnswer.LONGEST, target::tooLong)
                        .compose(whole -> {
                            isReceived = true;
                            return target.reply(request, whole);
                        })
                        .compose(reply -> answer.whole(reply, headers));
    }

    private static boolean isEventStream(HttpClientResponse response) {
        String type = response.getHeader("content-type");
        return type != null && type.toLowerCase(Locale.ROOT).startsWith(EVENT_STREAM);
    }

    /** Answers with the error. A client that has left has broken the exchange off itself and gets none. */
    private Future<Void> failed(Throwable failure) {
        breakOff();
        if (answer.isGone()) {
            return Future.succeededFuture();
        }
        ApiError error = error(failure);
        return answer.hasBegun() ? answer.endWithError(error) : Future.failedFuture(error);
    }

    /** Breaks the call off. Nobody reads the rest, and that the call then fails is no news. */
    private void breakOff() {
        vertx.runOnContext(
                afterTheEventThatBrokeIt -> { // that event may have been the answer's end
                    if (!isReceived) {
                        call.response().onSuccess(response -> response.exceptionHandler(expected -> {}));
                        call.reset();
                    }
                });
    }

    private ApiError error(Throwable failure) {
        if (failure instanceof ApiError known) {
            log.warn("{}: {}", target, known.getMessage());
            return known;
        }
        log.warn("{} did not answer: {}", target, failure.toString());
        return isLate ? target.late() : target.broken();
    }
}
