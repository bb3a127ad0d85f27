package dev.tunegate.gateway.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.ContractChecker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A client that asks one gateway after the other until one has answered. It complains of answers that no trouble excuses:
 * those that the contract does not have, and a 500, which says that the gateway does not know what is wrong.
 */
final class PatientClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ContractChecker CONTRACT = new ContractChecker();
    private static final Duration ONE_TRY = Duration.ofSeconds(8);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ONE_TRY)
            .build();
    private final AtomicInteger turn = new AtomicInteger();
    private final List<URI> gateways;
    private final Ledger ledger;
    private final Duration patience;

    PatientClient(List<URI> gateways, Ledger ledger) {
        this(gateways, ledger, LONGEST);
    }

    /** @param patience for each request, with all of its tries */
    PatientClient(List<URI> gateways, Ledger ledger, Duration patience) {
        this.gateways = gateways;
        this.ledger = ledger;
        this.patience = patience;
    }

    /** What a gateway made of a request. */
    record Answer(int status, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    Answer get(String path) {
        return call("GET", path, null, new byte[0]);
    }

    Answer post(String path, String json, String... headers) {
        return call("POST", path, "application/json", json.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** The first answer that is about the request and not about the gateway's trouble. */
    Answer call(String method, String path, @Nullable String contentType, byte[] body, String... headers) {
        long start = System.nanoTime();
        String last = "";
        while (System.nanoTime() - start < patience.toNanos()) {
            URI gateway = gateways.get(Math.floorMod(turn.getAndIncrement(), gateways.size()));
            try {
                Answer answer = attempt(gateway, method, path, contentType, body, headers);
                if (answer.status() < 500 && answer.status() != 429 && answer.status() != 408) {
                    return answer;
                }
                last = answer.status() + " " + answer.body();
            } catch (TimeoutException | ExecutionException e) {
                last = e.toString();
            }
            pause(BETWEEN_TRIES);
        }
        throw new AssertionError(
                "No answer to " + method + " " + path + " within " + patience + "; the last try: " + last);
    }

    private Answer attempt(
            URI gateway, String method, String path, @Nullable String contentType, byte[] body, String... headers)
            throws ExecutionException, TimeoutException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(gateway.resolve(path)).method(method, BodyPublishers.ofByteArray(body));
        if (contentType != null) {
            request.header("content-type", contentType);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        CompletableFuture<HttpResponse<String>> exchange = http.sendAsync(request.build(), BodyHandlers.ofString());
        try {
            HttpResponse<String> response = exchange.get(ONE_TRY.toMillis(), TimeUnit.MILLISECONDS);
            check(method, path, response);
            return new Answer(response.statusCode(), response.body());
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            exchange.cancel(true);
        }
    }

    private void check(String method, String path, HttpResponse<String> response) {
        String type = response.headers().firstValue("content-type").orElse(null);
        if (type == null || !type.startsWith("application/json")) {
            return;
        }
        String body = response.body();
        try {
            CONTRACT.check(method, path, response.statusCode(), type, body);
        } catch (AssertionError e) {
            ledger.complaints.add(method + " " + path + " was answered against the contract: " + e.getMessage());
        }
        if (response.statusCode() == 500) {
            ledger.complaints.add(method + " " + path + " was answered with " + body);
        }
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("the run is over", e);
    }
}
