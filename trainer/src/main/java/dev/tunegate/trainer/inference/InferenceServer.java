package dev.tunegate.trainer.inference;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tunegate.trainer.generation.GenerationLoop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers POST /v1/chat/completions in OpenAI's shape, and GET /health. One thread per connection waits for its answer,
 * while one {@link GenerationLoop} generates them all.
 */
public final class InferenceServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(InferenceServer.class);
    private static final int MOST_ANSWERS_AT_ONCE = 16;
    private static final int MOST_ANSWERS_WAITING = 128;
    private static final long LONGEST_CLOSE_SECONDS = 20;

    /** The gateway takes a worker for gone that is silent for five times as long. */
    private static final Duration BETWEEN_SIGNS_OF_LIFE = Duration.ofSeconds(2);

    static {
        // The JDK's server reads these when it is first used. Without nodelay every event of a stream waits for the
        // client's delayed acknowledgement.
        Map.of(
                        "sun.net.httpserver.nodelay", "true",
                        "sun.net.httpserver.maxReqTime", "60",
                        "sun.net.httpserver.idleInterval", "120",
                        "jdk.httpserver.maxConnections", "512")
                .forEach((name, value) -> System.getProperties().putIfAbsent(name, value));
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final GenerationLoop loop = new GenerationLoop(MOST_ANSWERS_AT_ONCE, MOST_ANSWERS_WAITING);
    private final Heartbeat heartbeat;
    private final ChatHandler chat;
    private final byte[] authorization;

    /**
     * Starts to listen.
     *
     * @param address port 0 takes a free one, see {@link #port}
     * @param token the bearer token that requests must carry
     */
    public InferenceServer(InetSocketAddress address, String token, ServedModel.Source models) throws IOException {
        this(address, token, models, BETWEEN_SIGNS_OF_LIFE);
    }

    /** @param silence of an answer that takes its time, before it lets something be heard */
    InferenceServer(InetSocketAddress address, String token, ServedModel.Source models, Duration silence)
            throws IOException {
        authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(address, 0);
        AtomicInteger count = new AtomicInteger();
        threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "inference-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        heartbeat = new Heartbeat(silence, threads);
        chat = new ChatHandler(models, loop, heartbeat);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** An exception ends the connection, so that nobody takes half an answer for a whole one. */
    private void handle(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the server closes");
        }
    }

    private void answer(HttpExchange exchange) throws IOException, InterruptedException {
        try {
            route(exchange);
        } catch (RequestError e) {
            if (e.status() == 503) {
                exchange.getResponseHeaders().set("Retry-After", "1");
            }
            Http.send(exchange, e.status(), e.toJson());
        } catch (RuntimeException e) {
            log.error(
                    "{} {} failed",
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    e);
            if (exchange.getResponseCode() == -1) {
                Http.send(exchange, 500, RequestError.serverError().toJson());
            }
        }
    }

    private void route(HttpExchange exchange) throws IOException, InterruptedException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        switch (path) {
            case "/health" -> {
                requireMethod("GET", method, path);
                Http.send(exchange, 200, Map.of("status", "ok"));
            }
            case "/v1/chat/completions" -> {
                requireToken(exchange);
                requireMethod("POST", method, path);
                chat.handle(Http.body(exchange), exchange);
            }
            default -> throw RequestError.unknownUrl(method, path);
        }
    }

    private static void requireMethod(String wanted, String method, String path) {
        if (!method.equals(wanted)) {
            throw RequestError.wrongMethod(method, path);
        }
    }

    private void requireToken(HttpExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        byte[] bytes = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(bytes, authorization)) { // in constant time
            throw RequestError.wrongToken();
        }
    }

    /** Ends running answers, stops listening and waits until no request uses a model any more. */
    @Override
    public void close() {
        loop.close();
        server.stop(0);
        heartbeat.close();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(LONGEST_CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("Requests still run {} s after the server was closed", LONGEST_CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
