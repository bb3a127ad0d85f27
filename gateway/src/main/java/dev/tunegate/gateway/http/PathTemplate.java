package dev.tunegate.gateway.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A path of openapi.yaml such as /v1/files/{file_id}/content; a parameter stands for one whole segment. */
record PathTemplate(List<String> segments) {

    static PathTemplate of(String template) {
        return new PathTemplate(List.of(template.split("/", -1)));
    }

    /**
     * The decoded segments of a request's path.
     *
     * @throws IllegalArgumentException for a broken percent escape or a control character
     */
    static List<String> split(String path) {
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/", -1)) {
            // URLDecoder is for forms, where a plus is a blank; in a path it is a plus.
            String decoded = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
            if (decoded.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("control character in a path");
            }
            segments.add(decoded);
        }
        return segments;
    }

    /** The parameters of a path by name; null when the path does not fit this template. */
    @Nullable
    Map<String, String> match(List<String> path) {
        if (path.size() != segments.size()) {
            return null;
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String expected = segments.get(i);
            String actual = path.get(i);
            if (expected.startsWith("{") && expected.endsWith("}")) {
                if (actual.isEmpty()) {
                    return null;
                }
                parameters.put(expected.substring(1, expected.length() - 1), actual);
            } else if (!expected.equals(actual)) {
                return null;
            }
        }
        return parameters;
    }
}
