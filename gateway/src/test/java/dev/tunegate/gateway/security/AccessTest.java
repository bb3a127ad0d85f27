package dev.tunegate.gateway.security;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.RawHttp;
import dev.tunegate.gateway.TestGateway;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {
    private TestGateway gateway;
    private Keys keys;

    @BeforeEach
    void start(@TempDir Path directory) {
        gateway = new TestGateway(directory);
        keys = new Keys(gateway.database().database());
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void withoutAnyKeyTheApiIsOpenWhateverKeyIsSent() {
        assertThat(gateway.client().get("/v1/files").status()).isEqualTo(200);
        assertThat(gateway.client("sk-anything").get("/v1/files").status()).isEqualTo(200);
    }

    @Test
    void fromTheFirstKeyOnOneIsNeeded() {
        String secret = create("default", ApiKey.Kind.API).secret();
        assertThat(gateway.client(secret).get("/v1/files").status()).isEqualTo(200);

        Answer none = gateway.client().get("/v1/files");
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.error("message")).startsWith("You didn't provide an API key.");
        assertThat(none.error("code")).isNull();

        Answer wrong = gateway.client("abcd-something-wxyz").get("/v1/files");
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.error("message")).isEqualTo("Incorrect API key provided: abcd****wxyz.");
        assertThat(wrong.error("code")).isEqualTo("invalid_api_key");
        assertThat(gateway.client("short").get("/v1/files").error("message"))
                .isEqualTo("Incorrect API key provided: ****.");
    }

    @Test
    void aRevokedKeyOpensNothingAndDoesNotReopenTheApi() {
        Keys.Created created = create("default", ApiKey.Kind.API);
        assertThat(await(keys.revoke(created.key().id()))).isPresent();
        assertThat(gateway.client(created.secret()).get("/v1/files").status()).isEqualTo(401);
        assertThat(gateway.client().get("/v1/files").status()).isEqualTo(401);
        assertThat(await(keys.revoke(created.key().id()))).isEmpty();
    }

    @Test
    void aBusyKeyThatIsRevokedOpensForASecondMoreAtMost() {
        Keys.Created created = create("default", ApiKey.Kind.API);
        ApiClient busy = gateway.client(created.secret());
        assertThat(busy.get("/v1/files").status()).isEqualTo(200);
        await(keys.revoke(created.key().id()));
        Eventually.is(() -> busy.get("/v1/files").status(), 401);
    }

    @Test
    void aWorkersKeyOpensTheWorkersProtocolOnly() {
        String worker = create("default", ApiKey.Kind.WORKER).secret();
        assertThat(gateway.client().get("/v1/files").status())
                .as("a worker's key does not close the API")
                .isEqualTo(200);
        String api = create("default", ApiKey.Kind.API).secret();
        assertThat(gateway.client(worker).get("/v1/files").status()).isEqualTo(401);
        assertThat(gateway.client(api).get("/worker/v1/models/none").status()).isEqualTo(401);
        assertThat(gateway.client().get("/worker/v1/models/none").status()).isEqualTo(401);
        assertThat(gateway.client(worker).get("/worker/v1/models/none").status())
                .isEqualTo(404);
    }

    @Test
    void aSecretIsStoredAsItsHashOnly() {
        Keys.Created created = create("default", ApiKey.Kind.API);
        assertThat(created.secret()).matches("sk-tg-[A-Za-z0-9]{48}");
        String rows = await(gateway.database()
                        .database()
                        .pool()
                        .query("select string_agg(row_to_json(k)::text, ' ') as rows from api_keys k")
                        .execute())
                .iterator()
                .next()
                .getString("rows");
        assertThat(rows).doesNotContain(created.secret()).contains(Secret.sha256(created.secret()));
    }

    @Test
    void aProjectSeesItsOwnFilesOnly() {
        ApiClient blue = gateway.client(create("blue", ApiKey.Kind.API).secret());
        ApiClient red = gateway.client(create("red", ApiKey.Kind.API).secret());
        String id =
                blue.upload("fine-tune", "a.jsonl", "{}\n").json().path("id").asText();
        assertThat(blue.get("/v1/files/" + id).header("openai-organization")).isEqualTo("blue");
        assertThat(red.get("/v1/files/" + id).status()).isEqualTo(404);
        assertThat(red.get("/v1/files/" + id + "/content").status()).isEqualTo(404);
        assertThat(red.delete("/v1/files/" + id).status()).isEqualTo(404);
        assertThat(red.get("/v1/files").json().path("data")).isEmpty();
        assertThat(red.get("/v1/files?after=" + id).json().path("data")).isEmpty();
        assertThat(blue.get("/v1/files").json().path("data")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Host: localhost                                   | 200",
                "Host: LOCALHOST:8080                              | 200",
                "Host: 127.0.0.1:9                                 | 200",
                "Host: [::1]:8080                                  | 200",
                "Host: tunegate.localhost                          | 200",
                "Host: evil.example                                | 403",
                "Host: localhost.evil.example                      | 403",
                "Host: 127.0.0.1.evil.example                      | 403",
                "Host: localhost;Origin: https://evil.example      | 403",
                "Host: localhost;Origin: null                      | 403",
                "Host: localhost;Origin: http://localhost:3000     | 200",
                "Host: localhost;Sec-Fetch-Site: cross-site        | 403",
            })
    void anOpenApiIsClosedToPagesOfOtherSites(String headers, int status) {
        String answer = get(headers);
        assertThat(answer).contains("HTTP/1.1 " + status + " ");
        assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("access-control-allow");
    }

    @Test
    void withAKeyTheHostDoesNotMatter() {
        String secret = create("default", ApiKey.Kind.API).secret();
        assertThat(get("Host: gateway.example;Authorization: Bearer " + secret)).contains("HTTP/1.1 200 ");
    }

    private String get(String headers) {
        return RawHttp.exchange(
                gateway.url().getPort(),
                "GET /v1/files HTTP/1.1\r\n" + headers.replace(";", "\r\n") + "\r\nConnection: close\r\n\r\n");
    }

    private Keys.Created create(String project, ApiKey.Kind kind) {
        return await(keys.create(project, "", kind));
    }
}
