package dev.tunegate.gateway.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is an error in OpenAI's shape. Throw it, or fail an operation's future with it; the server writes
 * status and body. The factories carry the messages that clients know from the live service.
 */
public final class ApiError extends RuntimeException {
    private static final String INVALID_REQUEST = "invalid_request_error";
    private static final String SERVER_ERROR = "server_error";

    private final int status;
    private final Body body;
    private final Map<String, String> headers;

    /** The members of the `error` object, in the order in which OpenAI sends them. */
    public record Body(
            String message,
            String type,
            @Nullable String param,
            @Nullable String code) {}

    public ApiError(int status, String message, String type, @Nullable String param, @Nullable String code) {
        this(status, new Body(message, type, param, code), Map.of());
    }

    private ApiError(int status, Body body, Map<String, String> headers) {
        super(
                body.message(),
                null,
                false,
                false); // this is an answer and not a fault, and nobody reads its stack trace
        this.status = status;
        this.body = body;
        this.headers = headers;
    }

    /** The same with one more header. */
    public ApiError withHeader(String name, String value) {
        Map<String, String> all = new HashMap<>(headers);
        all.put(name, value);
        return new ApiError(status, body, Map.copyOf(all));
    }

    public int status() {
        return status;
    }

    public Body body() {
        return body;
    }

    /** What the answer's headers say beside. */
    Map<String, String> headers() {
        return headers;
    }

    public static ApiError badRequest(String message, @Nullable String param) {
        return badRequest(message, param, null);
    }

    public static ApiError badRequest(String message, @Nullable String param, @Nullable String code) {
        return new ApiError(400, message, INVALID_REQUEST, param, code);
    }

    /** A 404 whose message names what was not found. */
    public static ApiError notFound(String message, @Nullable String param, @Nullable String code) {
        return new ApiError(404, message, INVALID_REQUEST, param, code);
    }

    public static ApiError forbidden(String message) {
        return new ApiError(403, message, INVALID_REQUEST, null, null);
    }

    public static ApiError incorrectKey(String maskedKey) {
        return new ApiError(
                401, "Incorrect API key provided: " + maskedKey + ".", INVALID_REQUEST, null, "invalid_api_key");
    }

    /** The key was good when the request came. */
    public static ApiError revokedKey() {
        return new ApiError(
                401, "The API key was revoked while this was answered.", INVALID_REQUEST, null, "invalid_api_key");
    }

    public static ApiError missingKey() {
        return new ApiError(
                401,
                "You didn't provide an API key. You need to provide your API key in an Authorization header using"
                        + " Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                INVALID_REQUEST,
                null,
                null);
    }

    public static ApiError unknownUrl(String method, String path) {
        return notFound("Invalid URL (" + method + " " + path + ")", null, null);
    }

    public static ApiError methodNotAllowed(String method, String path, List<String> allowed) {
        String message = "Not allowed to " + method + " on " + path + ". Use " + String.join(" or ", allowed) + ".";
        return new ApiError(405, message, INVALID_REQUEST, null, "method_not_supported");
    }

    public static ApiError tooLarge(String message, @Nullable String param) {
        return new ApiError(413, message, INVALID_REQUEST, param, null);
    }

    /** The client takes too long over its request; clients try again by themselves. */
    public static ApiError tooSlow(String message) {
        return new ApiError(408, message, INVALID_REQUEST, null, "request_timeout");
    }

    public static ApiError unsupportedMediaType(String message) {
        return new ApiError(415, message, INVALID_REQUEST, null, "unsupported_media_type");
    }

    /**
     * The client's bytes are no request.
     *
     * @param why a clause that says what is wrong
     */
    public static ApiError notHttp(String why) {
        return badRequest("The request is not valid HTTP: " + why + ".", null);
    }

    /** Nobody can answer right now; clients try again by themselves. */
    public static ApiError unavailable(String message, @Nullable String code) {
        return new ApiError(503, message, SERVER_ERROR, null, code);
    }

    /** There is no room for what was sent: nothing of it is kept, and it can be sent again. */
    public static ApiError storageFull() {
        return storageFull("The server's disk is full. Nothing of this request was stored: send it again when there is"
                + " room.");
    }

    /** The same, said about something in particular. */
    public static ApiError storageFull(String message) {
        return new ApiError(507, message, SERVER_ERROR, null, StorageFull.CODE);
    }

    /** The fault is ours; the log has the details under the same request id. */
    public static ApiError internal(String requestId) {
        String message = "The server had an error while processing your request. Its log has the details under request"
                + " id " + requestId + ".";
        return new ApiError(500, message, SERVER_ERROR, null, null);
    }

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    /**
     * Makes what a client sent fit to be quoted in a message: it loses its control characters, and it is cut where it
     * is long.
     */
    public static String quoted(String sent) {
        String clean = CONTROL.matcher(sent).replaceAll("?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
    }
}
