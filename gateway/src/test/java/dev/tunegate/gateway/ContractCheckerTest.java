package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is checked with the checker is worth as much as it notices. */
class ContractCheckerTest {
    private final ContractChecker contract = new ContractChecker();

    @Test
    void aRequestThatTheContractDescribesIsInOrder() {
        contract.checkRequest("GET", "/worker/v1/jobs/j/files/f?attempt=1", null, null);
        contract.checkRequest("POST", "/worker/v1/jobs/j/blobs?attempt=2", "application/octet-stream", null);
        json("/worker/v1/jobs/j/finish", "{\"attempt\":1,\"outcome\":\"stopped\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "GET  | /worker/v1/jobs/j/files/f               | none                     | needs the parameter attempt",
                "GET  | /worker/v1/jobs/j/files/f?attempt=      | none                     | is sent attempt",
                "GET  | /worker/v1/jobs/j/files/f?attempt=0     | none                     | is sent attempt",
                "GET  | /worker/v1/jobs/j/files/f?attempt=one   | none                     | is sent attempt",
                "GET  | /worker/v1/jobs/j/files/f?attempt=1&x=1 | none                     | parameters of the contract alone",
                "GET  | /worker/v1/nothing                      | none                     | the contract has no",
                "POST | /worker/v1/jobs/j/blobs?attempt=1       | none                     | needs a body",
                "POST | /worker/v1/jobs/j/blobs?attempt=1       | application/json         | takes application/json",
                "POST | /worker/v1/jobs/j/finish                | application/octet-stream | takes application/octet-stream",
            })
    void anyOtherRequestIsNot(String method, String path, @Nullable String contentType, String why) {
        assertThatThrownBy(() -> contract.checkRequest(method, path, contentType, null))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "finish   | {\"attempt\":1}                                      | outcome",
                "finish   | {\"attempt\":1,\"outcome\":\"won\"}                  | outcome",
                "finish   | {\"attempt\":\"1\",\"outcome\":\"stopped\"}          | attempt",
                "finish   | []                                                   | array found",
                "finish   | nonsense                                             | no JSON",
                "progress | {\"attempt\":1,\"first_seq\":0,\"events\":[]}        | first_seq",
                "progress | {\"attempt\":1,\"first_seq\":1,\"events\":[{}]}      | events",
            })
    void norIsABodyOfAnotherShape(String message, String body, String why) {
        assertThatThrownBy(() -> json("/worker/v1/jobs/j/" + message, body))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(why);
    }

    private void json(String path, String body) {
        contract.checkRequest("POST", path, "application/json", body);
    }
}
