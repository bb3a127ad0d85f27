package dev.tunegate.trainer.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.worker.WorkerContract.Message;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That a fault in either side of the protocol reaches the test. */
class WorkerContractTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            POST | /jobs/j/blobs           | application/octet-stream | abc | uploadBlob: parameter attempt is missing
            POST | /jobs/j/blobs?attempt=0 | application/octet-stream | abc | uploadBlob: parameter attempt: $: must have a minimum value of 1 in 0
            POST | /jobs/j/blobs?attempt=x | application/octet-stream | abc | uploadBlob: parameter attempt: no JSON in x
            POST | /jobs/j/finish?again=1  | application/json | {"attempt": 1, "outcome": "failed"} | finishTask: parameter again is not described
            POST | /jobs/j/finish          | application/json | {"attempt": 1, "outcome": "lost"}   | finishTask: request: $.outcome: does not have a value
            POST | /jobs/j/finish          | text/plain       | {"attempt": 1, "outcome": "failed"} | finishTask: request has the content type text/plain
            POST | /jobs/j/finish          | application/json | {"attempt": 1, "outcome": "failed", "error": {"code": "c", "message": "m", "parm": null}} | finishTask: request: $.error
            POST | /jobs/j/progress        | application/json | {"attempt": 1, "first_seq": 1}      | reportProgress: request: $: required property 'events' not found
            GET  | /jobs/j/files/f?attempt=1 | - | abc | readJobFile: request has a body of 3 bytes
            GET  | /jobs/j                 | - | -  | GET /worker/v1/jobs/j is no operation
            """)
    void aRequestMustBeDescribed(
            String method, String path, @Nullable String contentType, @Nullable String body, String fault) {
        WorkerContract contract = new WorkerContract();
        contract.checkRequest(message(method, path, contentType, body));

        assertThatThrownBy(contract::requireKept)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            GET  | /models/m       | 200 | application/json | {"id": "m"}            | describeFineTunedModel: answer 200: $: required property 'base_model' not found
            GET  | /models/m       | 302 | -                | -                      | describeFineTunedModel: answer 302 is not described
            GET  | /models/m       | 404 | application/json | {"error": "not found"} | describeFineTunedModel: answer 404: $.error: string found
            POST | /claim          | 204 | application/json | {}                     | claimTask: answer 204 has a body of 2 bytes
            POST | /jobs/j/finish  | 200 | application/json | {"directive": "stop"}  | finishTask: answer 200: $.directive: does not have a value
            """)
    void soMustAnAnswer(
            String method, String path, int status, @Nullable String contentType, @Nullable String body, String fault) {
        WorkerContract contract = new WorkerContract();
        contract.checkAnswer(status, message(method, path, contentType, body));

        assertThatThrownBy(contract::requireKept)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(fault);
    }

    @Test
    void theTestOfAWorkerThatBreaksTheContractFails() throws Exception {
        StubGateway gateway = new StubGateway();
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway.uri() + "/worker/v1/jobs/j/finish"))
                .header("Authorization", "Bearer " + StubGateway.TOKEN)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"outcome\": \"failed\"}"))
                .build();
        HttpClient.newHttpClient().send(request, BodyHandlers.discarding());

        assertThatThrownBy(gateway::awaitFinish).hasMessageContaining("finishTask: request: $: required property");
        assertThatThrownBy(gateway::close).hasMessageContaining("finishTask: request: $: required property");
    }

    @Test
    void whatIsDescribedIsNoFault() {
        WorkerContract contract = new WorkerContract();
        contract.checkRequest(message("POST", "/jobs/j/blobs?attempt=2", "application/octet-stream", "abc"));
        contract.checkAnswer(
                200,
                message(
                        "POST",
                        "/jobs/j/progress",
                        "application/json",
                        "{\"directive\": \"pause\", \"lease_seconds\": 60}"));

        assertThatCode(contract::requireKept).doesNotThrowAnyException();
    }

    private static Message message(String method, String path, @Nullable String contentType, @Nullable String body) {
        ByteBuffer bytes = UTF_8.encode(body == null ? "" : body);
        return new Message(method, URI.create("/worker/v1" + path), contentType, bytes);
    }
}
