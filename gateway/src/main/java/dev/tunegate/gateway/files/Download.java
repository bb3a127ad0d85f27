package dev.tunegate.gateway.files;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Streams a blob to a client. */
public final class Download {
    private Download() {}

    /** Sends the content under a name to save it by, and closes it. */
    public static Future<Void> send(
            RoutingContext ctx, BlobStore.Content content, String contentType, String filename) {
        ctx.response().putHeader("content-disposition", disposition(filename));
        return send(ctx, content, contentType);
    }

    /** Sends the content, and closes it. */
    public static Future<Void> send(RoutingContext ctx, BlobStore.Content content, String contentType) {
        HttpServerResponse response = ctx.response()
                .putHeader("content-type", contentType)
                .putHeader("content-length", Long.toString(content.bytes()))
                .putHeader("x-content-type-options", "nosniff");
        if (ctx.request().method().equals(HttpMethod.HEAD)) {
            return content.close().compose(closed -> response.end());
        }
        return content.pipeTo(response);
    }

    /** A name of other characters than plain ASCII goes in RFC 8187's form as well; quotes cannot end it early. */
    static String disposition(String filename) {
        String plain = filename.replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "_");
        String header = "attachment; filename=\"" + plain + "\"";
        if (plain.equals(filename)) {
            return header;
        }
        String encoded = URLEncoder.encode(filename, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A");
        return header + "; filename*=UTF-8''" + encoded;
    }
}
