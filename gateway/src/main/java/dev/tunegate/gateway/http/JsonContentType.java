package dev.tunegate.gateway.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/**
 * JSON has to be sent as JSON. A web page of another site can have a browser send every other kind of text, and text of no
 * kind, without asking the server first; the name of JSON makes it ask.
 */
final class JsonContentType {
    private static final String JSON = "application/json";

    private JsonContentType() {}

    static void require(HttpServerRequest request) {
        List<String> types = request.headers().getAll("content-type");
        if (types.size() == 1 && isJson(types.get(0))) {
            return;
        }
        String sent =
                types.isEmpty() ? "The request has none" : "The request has '" + ApiError.quoted(types.get(0)) + "'";
        throw ApiError.unsupportedMediaType("Unsupported media type. " + sent + "; send the JSON body with the header"
                + " 'Content-Type: application/json' (curl: -H 'Content-Type: application/json').");
    }

    private static boolean isJson(String type) {
        int parameters = type.indexOf(';');
        return (parameters < 0 ? type : type.substring(0, parameters)).strip().equalsIgnoreCase(JSON);
    }
}
