package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;

/**
 * OpenAI's API as the demo uses it: an ordinary HTTP client that knows nothing of the gateway in its own process,
 * so that what the demo shows is what any client gets.
 */
final class DemoClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String baseUrl;

    /** @param baseUrl ends in {@code /v1} */
    DemoClient(URI baseUrl) {
        this.baseUrl = baseUrl.toString();
    }

    /** Uploads a file for fine-tuning and returns the file object. */
    JsonNode upload(String filename, String content) {
        String boundary = "tunegate-" + UUID.randomUUID();
        String head = """
                --%1$s
                Content-Disposition: form-data; name="purpose"

                fine-tune
                --%1$s
                Content-Disposition: form-data; name="file"; filename="%2$s"
                Content-Type: application/jsonl

                """.formatted(boundary, filename).replace("\n", "\r\n");
        String tail = "\r\n--" + boundary + "--\r\n";
        BodyPublisher body = BodyPublishers.concat(
                BodyPublishers.ofString(head), BodyPublishers.ofString(content), BodyPublishers.ofString(tail));
        return send(request("/files")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(body)
                .build());
    }

    JsonNode post(String path, JsonNode body) {
        return send(json(path, body));
    }

    JsonNode get(String path) {
        return send(request(path).GET().build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(baseUrl + path)).timeout(TIMEOUT);
    }

    /** Tells whether the gateway has somebody for this request by now; it says 503 as long as it has not. */
    boolean isServed(String path, JsonNode body) {
        HttpRequest request = json(path, body);
        HttpResponse<String> response = exchange(request);
        if (response.statusCode() == 503) {
            return false;
        }
        requireOk(request, response);
        return true;
    }

    private HttpRequest json(String path, JsonNode body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private JsonNode send(HttpRequest request) {
        return requireOk(request, exchange(request));
    }

    private static JsonNode requireOk(HttpRequest request, HttpResponse<String> response) {
        JsonNode answer = parse(request, response);
        if (response.statusCode() != 200) {
            throw new DemoFailure("%s %s was answered with %d: %s"
                    .formatted(
                            request.method(),
                            request.uri(),
                            response.statusCode(),
                            answer.at("/error/message").asText(response.body())));
        }
        return answer;
    }

    private HttpResponse<String> exchange(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new DemoFailure("%s %s was not answered: %s".formatted(request.method(), request.uri(), e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure("The demo was interrupted.", e);
        }
    }

    private static JsonNode parse(HttpRequest request, HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new DemoFailure(
                    "%s %s was answered with %d and no JSON: %s"
                            .formatted(request.method(), request.uri(), response.statusCode(), response.body()),
                    e);
        }
    }
}
