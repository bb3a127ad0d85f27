package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the worker protocol begin with: a gateway, a worker that has its base model, and a client with jobs. */
abstract class OneWorkerFixture {
    @TempDir
    Path directory;

    TestGateway gateway;
    TestWorker worker;
    JobClient jobs;

    @BeforeEach
    void start() {
        gateway = new TestGateway(directory);
        worker = gateway.worker("w", "base");
        jobs = new JobClient(gateway.client());
    }

    @AfterEach
    void stop() {
        gateway.close();
    }
}
