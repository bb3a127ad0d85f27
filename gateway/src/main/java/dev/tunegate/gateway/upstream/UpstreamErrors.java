package dev.tunegate.gateway.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.buffer.Buffer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Says what a client is told when an upstream does not answer as it should. Whose fault it is decides: what the client asked
 * wrongly keeps its status; our key, or a host that answers nonsense, is not the client's doing and never a 4xx.
 */
public final class UpstreamErrors {
    private static final String SERVER_ERROR = "server_error";

    private final Upstream upstream;
    private final String name;
    private final Scrubber scrubber;

    public UpstreamErrors(Upstream upstream) {
        this.upstream = upstream;
        this.name = "The upstream '" + upstream.name() + "'";
        this.scrubber = new Scrubber(upstream.apiKey());
    }

    public Scrubber scrubber() {
        return scrubber;
    }

    /** The error for an answer with another status than 200. */
    public ApiError of(int status, JsonNode json, Buffer body) {
        JsonNode error = json.path("error");
        String words = words(error, body);
        if (status == 401 || status == 403) {
            return refusedKey(status, words);
        }
        if (status >= 300 && status < 400) {
            return invalid("a redirect (" + status + "), which is not followed; its base_url must lead to it directly");
        }
        if (status >= 400 && status < 500 && error.isObject()) {
            String type = text(error.path("type"));
            return new ApiError(
                    status,
                    words.isEmpty() ? name + " answered with status " + status + "." : words,
                    type == null ? "invalid_request_error" : type,
                    text(error.path("param")),
                    text(error.path("code")));
        }
        return badGateway(name + " answered with status " + status + said(words), "upstream_error");
    }

    /** The error for one that stands where an answer should be, under status 200. */
    public ApiError insteadOfAnswer(JsonNode error) {
        return badGateway(name + " answered with an error" + said(words(error, Buffer.buffer())), "upstream_error");
    }

    /** The error for an answer that makes no sense. */
    public ApiError invalid(String what) {
        return badGateway(name + " answered with " + what + ".", "upstream_invalid");
    }

    /** The error for a host that no connection could be made to. */
    public ApiError unreachable(Throwable failure) {
        if (failure instanceof SSLException || failure.getCause() instanceof SSLException) {
            return ApiError.unavailable(
                    name
                            + " speaks no TLS, or has a certificate for another name or of nobody that this machine trusts.",
                    "upstream_unavailable");
        }
        return ApiError.unavailable(name + " takes no connections.", "upstream_unavailable");
    }

    public ApiError broken() {
        return ApiError.unavailable(name + " broke off its answer.", "upstream_unavailable");
    }

    public ApiError late() {
        long seconds = upstream.timeout().toSeconds();
        return new ApiError(
                504,
                name + " did not answer within " + seconds + " s (its timeout).",
                SERVER_ERROR,
                null,
                "upstream_timeout");
    }

    private ApiError refusedKey(int status, String words) {
        String key = upstream.apiKey() == null
                ? " asks for a key; the gateway has none for it (api_key of the upstream)"
                : " refuses the key that this gateway has for it (" + status + "; api_key of the upstream)";
        return badGateway(name + key + said(words), "upstream_auth");
    }

    private ApiError badGateway(String message, String code) {
        return new ApiError(502, message, SERVER_ERROR, null, code);
    }

    private String words(JsonNode error, Buffer body) {
        if (error.isTextual()) {
            return scrubber.quoted(error.textValue());
        }
        if (error.isObject()) {
            return scrubber.quoted(error.path("message").asText());
        }
        return scrubber.quoted(body.getString(0, Math.min(body.length(), 2_000)));
    }

    private static String said(String words) {
        return words.isEmpty() ? "." : ": " + words;
    }

    /** The text of a field; OpenAI's are texts, some hosts' are numbers, which are left out. */
    private @Nullable String text(JsonNode node) {
        return node.isTextual() ? scrubber.quoted(node.textValue()) : null;
    }
}
