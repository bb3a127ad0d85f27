package dev.tunegate.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An HTTP client that holds every answer against the contract, and every request too where it is told to. */
public final class ApiClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ContractChecker CONTRACT = new ContractChecker();

    private final HttpClient http;
    private final URI base;
    private final @Nullable String key;
    private final boolean checksRequests;

    /** An answer that agrees with the contract. */
    public record Answer(int status, HttpHeaders headers, String body) {
        public JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The members of the error object, such as "message". */
        public @Nullable String error(String member) {
            return json().path("error").path(member).textValue();
        }

        public String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    public ApiClient(URI base, @Nullable String key) {
        this(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), base, key, false);
    }

    private ApiClient(HttpClient http, URI base, @Nullable String key, boolean checksRequests) {
        this.http = http;
        this.base = base;
        this.key = key;
        this.checksRequests = checksRequests;
    }

    /** The same client, which then sends nothing that the contract does not allow. */
    ApiClient checkingRequests() {
        return new ApiClient(http, base, key, true);
    }

    /** The same client, which then sends whatever a test wants to see refused. */
    ApiClient notCheckingRequests() {
        return new ApiClient(http, base, key, false);
    }

    public Answer get(String path) {
        return send("GET", path, null, BodyPublishers.noBody());
    }

    public Answer delete(String path) {
        return send("DELETE", path, null, BodyPublishers.noBody());
    }

    public Answer post(String path, String json) {
        if (checksRequests) {
            CONTRACT.checkRequest("POST", path, "application/json", json);
        }
        return exchange("POST", path, "application/json", BodyPublishers.ofString(json));
    }

    /** A multipart form with a purpose and a file, as SDKs send it. */
    public Answer upload(String purpose, String filename, String content, String... headers) {
        String boundary = "----boundary1234";
        String form = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose
                + "\r\n--"
                + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n--" + boundary + "--\r\n";
        return form(boundary, form, headers);
    }

    /** A multipart form as it is. */
    public Answer form(String boundary, String form, String... headers) {
        return send(
                "POST",
                "/v1/files",
                "multipart/form-data; boundary=" + boundary,
                BodyPublishers.ofString(form, StandardCharsets.UTF_8),
                headers);
    }

    public Answer send(
            String method, String path, @Nullable String contentType, BodyPublisher body, String... headers) {
        if (checksRequests) {
            CONTRACT.checkRequest(method, path, contentType, null);
        }
        return exchange(method, path, contentType, body, headers);
    }

    private Answer exchange(
            String method, String path, @Nullable String contentType, BodyPublisher body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofSeconds(60))
                .method(method, body);
        if (contentType != null) {
            request.header("content-type", contentType);
        }
        if (key != null) {
            request.header("authorization", "Bearer " + key);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            if (!method.equals("HEAD") && !method.equals("OPTIONS")) {
                CONTRACT.check(
                        method,
                        path,
                        response.statusCode(),
                        response.headers().firstValue("content-type").orElse(null),
                        response.body());
            }
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
