package dev.tunegate.gateway.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one of the upstreams. */
final class UpstreamReader {
    private static final List<String> KEYS =
            List.of("name", "base_url", "api_key", "models", "for", "organization", "project", "timeout", "retries");
    private static final List<String> PURPOSES =
            Arrays.stream(Purpose.values()).map(Purpose::text).toList();
    private static final Pattern TIMEOUT = Pattern.compile("([0-9]{1,6})([smh]?)");
    private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
    private static final int MAX_RETRIES = 10;

    private final Section.Reading reading;
    private final Section section;

    private UpstreamReader(Section.Reading reading, Section section) {
        this.reading = reading;
        this.section = section;
    }

    /** Empty where so much is wrong that nothing can be said of it. */
    static Optional<Upstream> read(Section.Reading reading, String path, Yaml value) {
        if (value instanceof Yaml.Keys keys) {
            return new UpstreamReader(reading, new Section(reading, path, keys, KEYS)).read();
        }
        reading.problems().add(value.line(), path, "takes the keys of an upstream, not " + value.kind());
        return Optional.empty();
    }

    private Optional<Upstream> read() {
        String name = name();
        URI baseUrl = baseUrl();
        String apiKey = inHeader("api_key");
        List<Glob> models = models();
        Set<Purpose> purposes = purposes();
        String organization = inHeader("organization");
        String project = inHeader("project");
        Duration timeout = timeout();
        int retries = Objects.requireNonNullElse(section.integer("retries", 0, MAX_RETRIES), Upstream.DEFAULT_RETRIES);
        return name == null || baseUrl == null
                ? Optional.empty()
                : Optional.of(
                        new Upstream(name, baseUrl, apiKey, models, purposes, organization, project, timeout, retries));
    }

    private @Nullable String name() {
        Value name = section.requiredText("name");
        if (name == null || name.text().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            return name == null ? null : name.text();
        }
        report(name, "takes 1 to 64 letters, digits, dots, dashes and underscores" + name.not());
        return null;
    }

    private @Nullable URI baseUrl() {
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
            report(value, "is no URL; one looks like https://api.openai.com/v1");
        }
        return null;
    }

    /** None of the messages repeats the URL: user info and query are where people put keys. */
    private static @Nullable String whatIsWrong(URI url) {
        if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            return "takes a URL that begins with http:// or https://";
        }
        if (url.getRawUserInfo() != null) {
            return "takes a URL without a user or password; the key has its place at api_key";
        }
        if (url.getHost() == null || url.getPort() > 65_535) {
            return "names no host; one is made of letters, digits, dots and dashes, and a URL looks like https://api.openai.com/v1";
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            return "takes a URL without ? and #";
        }
        return null;
    }

    private @Nullable String inHeader(String key) {
        Value value = section.text(key);
        if (value == null || HeaderValue.isValid(value.text())) {
            return value == null ? null : value.text();
        }
        report(value, HeaderValue.ALLOWED);
        return null;
    }

    private List<Glob> models() {
        section.requirePresent("models");
        List<Value> globs = section.texts("models");
        if (globs == null) {
            return List.of();
        }
        if (section.hasList("models") && section.items("models").isEmpty()) {
            section.problem("models", "needs a glob at least, as in [gpt-*]");
        }
        for (Value glob : globs) {
            if (!Glob.isValid(glob.text())) {
                report(glob, Glob.ALLOWED + glob.not());
            }
        }
        return globs.stream().map(glob -> new Glob(glob.text())).toList();
    }

    private Set<Purpose> purposes() {
        List<Value> names = section.texts("for");
        if (names == null) {
            return EnumSet.allOf(Purpose.class);
        }
        if (section.hasList("for") && section.items("for").isEmpty()) {
            section.problem("for", "needs one of " + String.join(", ", PURPOSES) + "; without the key it is for all");
        }
        Set<Purpose> purposes = EnumSet.noneOf(Purpose.class);
        for (Value name : names) {
            Purpose.of(name.text())
                    .ifPresentOrElse(
                            purposes::add, () -> report(name, "takes " + String.join(" or ", PURPOSES) + name.not()));
        }
        return purposes;
    }

    private Duration timeout() {
        Value value = section.scalar("timeout");
        if (value == null) {
            return Upstream.DEFAULT_TIMEOUT;
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
        return Upstream.DEFAULT_TIMEOUT;
    }

    private void report(Value value, String message) {
        reading.problems().add(value.line(), value.path(), message);
    }
}
