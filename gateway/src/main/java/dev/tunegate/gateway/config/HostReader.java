package dev.tunegate.gateway.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what every other host has: a URL, a key, timeouts. */
final class HostReader {
    private static final Pattern TIMEOUT = Pattern.compile("([0-9]{1,6})([smh]?)");
    private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    private final Section.Reading reading;
    private final Section section;
    private final String example;

    /** @param example a URL as one may look like here */
    HostReader(Section.Reading reading, Section section, String example) {
        this.reading = reading;
        this.section = section;
        this.example = example;
    }

    /** The URL without slashes at its end; null where there is none, which is reported. */
    @Nullable
    URI baseUrl() {
        Value value = section.requiredText("base_url");
        if (value == null) {
            return null;
        }
        try {
            URI url = new URI(value.text().replaceAll("/+$", ""));
            String wrong = whatIsWrong(url);
            if (wrong == null) {
                return url;
            }
            report(value, wrong);
        } catch (URISyntaxException e) {
            report(value, "is no URL; one looks like " + example);
        }
        return null;
    }

    /** None of the messages repeats the URL: user info and query are where people put keys. */
    private @Nullable String whatIsWrong(URI url) {
        if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            return "takes a URL that begins with http:// or https://";
        }
        if (url.getRawUserInfo() != null) {
            return "takes a URL without a user or password; the key has its place at api_key";
        }
        if (url.getHost() == null || url.getPort() > 65_535) {
            return "names no host; one is made of letters, digits, dots and dashes, and a URL looks like " + example;
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            return "takes a URL without ? and #";
        }
        return null;
    }

    /** A text that becomes a part of a header. */
    @Nullable
    String inHeader(String key) {
        Value value = section.text(key);
        if (value == null || HeaderValue.isValid(value.text())) {
            return value == null ? null : value.text();
        }
        report(value, HeaderValue.ALLOWED);
        return null;
    }

    Duration timeout(String key, Duration otherwise) {
        Value value = section.scalar(key);
        if (value == null) {
            return otherwise;
        }
        Matcher parts = TIMEOUT.matcher(value.text());
        if (parts.matches()) {
            long amount = Long.parseLong(parts.group(1));
            Duration timeout = switch (parts.group(2)) {
                case "h" -> Duration.ofHours(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofSeconds(amount);
            };
            if (timeout.compareTo(Duration.ZERO) > 0 && timeout.compareTo(MAX_TIMEOUT) <= 0) {
                return timeout;
            }
        }
        report(value, "takes 1s to 1h, in seconds or as in 90s, 10m, 1h" + value.not());
        return otherwise;
    }

    private void report(Value value, String message) {
        reading.problems().add(value.line(), value.path(), message);
    }
}
