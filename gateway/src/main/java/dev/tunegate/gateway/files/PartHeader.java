package dev.tunegate.gateway.files;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a part of a form says about itself.
 *
 * @param name the field's name, empty when it has none
 * @param filename without any directories; null when the part has none
 */
record PartHeader(String name, @Nullable String filename) {
    /**
     * A parameter of a header line: {@code ; name=token} or {@code ; name="quoted"}. Nothing in it is tried twice, and it
     * goes through a quoted text by runs: Java's matcher takes a stack frame for each turn of an alternative.
     */
    private static final Pattern PARAMETER = Pattern.compile(
            ";\\s*+([A-Za-z0-9_*-]++)\\s*+=\\s*+(?:\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"|([^;\\s]*+))",
            Pattern.DOTALL);

    private static final int MAX_FILENAME = 255;

    static PartHeader parse(String headers) {
        for (String line : headers.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
                return disposition(parameters(line));
            }
        }
        return new PartHeader("", null);
    }

    /** The boundary that a content type names, null when the content type is no multipart form. */
    static @Nullable String boundary(@Nullable String contentType) {
        if (contentType == null || !contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            return null;
        }
        String boundary = parameters(contentType).get("boundary");
        return boundary == null || boundary.isEmpty() || boundary.length() > 200 ? null : boundary;
    }

    private static PartHeader disposition(Map<String, String> parameters) {
        String encoded = parameters.get("filename*");
        String filename = encoded == null ? null : decode(encoded);
        if (filename == null) {
            filename = parameters.get("filename");
        }
        return new PartHeader(parameters.getOrDefault("name", ""), filename == null ? null : plainName(filename));
    }

    private static Map<String, String> parameters(String line) {
        Map<String, String> parameters = new HashMap<>();
        Matcher matcher = PARAMETER.matcher(line);
        while (matcher.find()) {
            String quoted = matcher.group(2);
            String value = quoted == null ? matcher.group(3) : unescape(quoted);
            parameters.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value);
        }
        return parameters;
    }

    /** Backslashes escape quotes and themselves only: old browsers send `C:\dir\file` as it is. */
    private static String unescape(String quoted) {
        return quoted.replace("\\\"", "\"").replace("\\\\", "\\").replace("%22", "\"");
    }

    /** Decodes RFC 8187's form, which is charset'language'percent-encoded. */
    private static @Nullable String decode(String extended) {
        String[] parts = extended.split("'", 3);
        if (parts.length < 3) {
            return null;
        }
        try {
            Charset charset = parts[0].isEmpty() ? StandardCharsets.UTF_8 : Charset.forName(parts[0]);
            return URLDecoder.decode(parts[2].replace("+", "%2B"), charset);
        } catch (IllegalArgumentException e) { // the charset is unknown, or an escape is broken
            return null;
        }
    }

    private static @Nullable String plainName(String filename) {
        String base = filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
        String clean = base.replaceAll("\\p{Cntrl}", "").strip();
        if (clean.isEmpty()) {
            return null;
        }
        return clean.length() <= MAX_FILENAME ? clean : clean.substring(clean.length() - MAX_FILENAME);
    }
}
