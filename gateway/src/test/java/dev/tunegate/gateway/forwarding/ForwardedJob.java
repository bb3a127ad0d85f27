package dev.tunegate.gateway.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.StartupFailure;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.Glob;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.config.Purpose;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.db.Await;
import dev.tunegate.gateway.db.TestDatabase;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/** A gateway that has {@code gpt-*} trained by a stub. Waiting for something, it lets time pass. */
final class ForwardedJob implements AutoCloseable {
    private final FineTuningStub upstream = new FineTuningStub();
    private final TestDatabase database = new TestDatabase();
    private final Path dataDir;
    private final Duration timeout;
    private final long keptFree;
    private Gateway gateway;

    ForwardedJob(Path dataDir, Duration timeout) {
        this(dataDir, timeout, 0);
    }

    /** @param keptFree how many bytes of its disk the gateway leaves free */
    ForwardedJob(Path dataDir, Duration timeout, long keptFree) {
        this.dataDir = dataDir;
        this.timeout = timeout;
        this.keptFree = keptFree;
        this.gateway = start();
    }

    /** Another gateway on the same database, with a directory of its own. */
    Gateway startAnother(Path otherDir) {
        return start(otherDir);
    }

    private Gateway start() {
        return start(dataDir);
    }

    private Gateway start(Path directory) {
        Upstream entry = new Upstream(
                "stub",
                URI.create(upstream.url()),
                FineTuningStub.KEY,
                List.of(new Glob("gpt-*")),
                EnumSet.allOf(Purpose.class),
                null,
                null,
                timeout,
                0);
        try {
            return Gateway.start(GatewayOptions.in(directory)
                    .withMinFreeBytes(keptFree)
                    .withDatabase(database.url())
                    .withRoutes(new ModelRoutes(Map.of(), List.of(entry)))
                    .withLookEvery(TestGateway.LOOK_EVERY));
        } catch (StartupFailure e) {
            throw new AssertionError(e);
        }
    }

    void restart() {
        gateway.close();
        gateway = start();
    }

    void stop() {
        gateway.close();
    }

    FineTuningStub upstream() {
        return upstream;
    }

    TestDatabase database() {
        return database;
    }

    ApiClient client() {
        return new ApiClient(gateway.url(), null);
    }

    JobClient jobs() {
        return new JobClient(client());
    }

    OpenAIClient sdk() {
        return TestGateway.sdk(gateway.url());
    }

    String create() {
        return jobs().create("gpt-4o-mini");
    }

    /** A job that the upstream has. */
    String createThere() {
        String id = create();
        await(id, "/tunegate/job_id", "ftjob-there");
        return id;
    }

    JsonNode awaitStatus(String id, String status) {
        return await(id, "/status", status);
    }

    /** Waits until what stands there begins so. */
    JsonNode await(String id, String place, String begin) {
        Eventually.is(
                () -> {
                    String text = letTimePass().get(id).at(place).asText();
                    return text.startsWith(begin) ? begin : text;
                },
                begin);
        return jobs().get(id);
    }

    void awaitMessage(String id, String begin) {
        Eventually.is(() -> letTimePass().messages(id).stream().anyMatch(message -> message.startsWith(begin)), true);
    }

    /** What waits for its next visit has it at once. */
    private JobClient letTimePass() {
        database.execute("update forwardings set due_at = tunegate_now() where lease_until is null");
        return jobs();
    }

    /** Waits until the same problem has come up so often in a row. */
    void awaitTries(int tries) {
        Eventually.is(
                () -> {
                    letTimePass();
                    return number("select coalesce(max(tries), 0) from forwardings") >= tries;
                },
                true);
    }

    long secondsUntilNextVisit() {
        return number("select extract(epoch from due_at - tunegate_now())::bigint from forwardings");
    }

    private long number(String query) {
        return Await.await(database.database().pool().query(query).execute())
                .iterator()
                .next()
                .getLong(0);
    }

    List<String> messages(String id) {
        return jobs().messages(id);
    }

    void assertNothingLeftToDo() {
        Eventually.is(
                () -> {
                    letTimePass();
                    return number("select count(*) from forwardings");
                },
                0L);
        assertThat(upstream.authorizations()).allMatch(sent -> sent.equals("Bearer " + FineTuningStub.KEY));
    }

    @Override
    public void close() {
        gateway.close();
        database.close();
        upstream.close();
    }
}
