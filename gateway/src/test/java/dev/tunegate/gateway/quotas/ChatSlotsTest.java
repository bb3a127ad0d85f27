package dev.tunegate.gateway.quotas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

class ChatSlotsTest {
    private final ChatSlots slots = new ChatSlots(2);

    @Test
    void aChatThatEndsMakesRoomForAnotherHoweverItEnds() {
        Promise<Void> first = Promise.promise();
        Promise<Void> second = Promise.promise();
        slots.within("p", first::future);
        slots.within("p", second::future);
        assertThatThrownBy(() -> slots.within("p", Future::succeededFuture))
                .isInstanceOfSatisfying(ApiError.class, error -> {
                    assertThat(error.status()).isEqualTo(429);
                    assertThat(error.body().code()).isEqualTo("rate_limit_exceeded");
                    assertThat(error.body().message()).contains("in project p on concurrent requests: Limit 2.");
                });
        assertThat(slots.within("q", Future::succeededFuture).succeeded()).isTrue();
        first.fail("the client has left");
        assertThat(slots.within("p", Future::succeededFuture).succeeded()).isTrue();
        second.complete();
        Future<Void> failed = slots.within("p", () -> {
            throw new IllegalStateException("before it began");
        });
        assertThat(failed.failed()).isTrue();
        slots.within("p", () -> Promise.<Void>promise().future());
        slots.within("p", () -> Promise.<Void>promise().future());
        assertThatThrownBy(() -> slots.within("p", Future::succeededFuture)).isInstanceOf(ApiError.class);
    }
}
