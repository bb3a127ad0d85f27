package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.upstream.UpstreamClient;
import java.util.regex.Pattern;

/** Names that an upstream gives: they go into URLs and the database, so not every text is one. */
final class UpstreamIds {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,255}");

    private UpstreamIds() {}

    static String require(JsonNode id, String otherwise, UpstreamClient host) {
        if (!id.isTextual()
                || !ID.matcher(id.textValue()).matches()
                || id.textValue().contains("..")
                || host.scrubber().repeatsOurKey(id.textValue())) {
            throw host.nonsense(otherwise);
        }
        return id.textValue();
    }

    /** Encodes a name for a URL's path, because it may have slashes. */
    static String inPath(String id) {
        return id.replace("/", "%2F");
    }
}
