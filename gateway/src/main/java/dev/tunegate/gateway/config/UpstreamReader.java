package dev.tunegate.gateway.config;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads one of the upstreams. */
final class UpstreamReader {
    private static final List<String> KEYS = List.of(
            "name",
            "base_url",
            "api_key",
            "models",
            "for",
            "organization",
            "project",
            "timeout",
            "retries",
            "extra_fields");
    private static final List<String> PURPOSES =
            Arrays.stream(Purpose.values()).map(Purpose::text).toList();
    private static final int MAX_RETRIES = 10;

    private final Section.Reading reading;
    private final Section section;
    private final HostReader host;

    private UpstreamReader(Section.Reading reading, Section section) {
        this.reading = reading;
        this.section = section;
        this.host = new HostReader(reading, section, "https://api.openai.com/v1");
    }

    /** The upstream; empty where so much is wrong that nothing can be said of it. */
    static Optional<Upstream> read(Section.Reading reading, String path, Yaml value) {
        if (value instanceof Yaml.Keys keys) {
            return new UpstreamReader(reading, new Section(reading, path, keys, KEYS)).read();
        }
        reading.problems().add(value.line(), path, "takes the keys of an upstream, not " + value.kind());
        return Optional.empty();
    }

    private Optional<Upstream> read() {
        String name = name();
        URI baseUrl = host.baseUrl();
        String apiKey = host.inHeader("api_key");
        List<Glob> models = models();
        Set<Purpose> purposes = purposes();
        String organization = host.inHeader("organization");
        String project = host.inHeader("project");
        Duration timeout = host.timeout("timeout", Upstream.DEFAULT_TIMEOUT);
        int retries = Objects.requireNonNullElse(section.integer("retries", 0, MAX_RETRIES), Upstream.DEFAULT_RETRIES);
        ExtraFields extraFields = extraFields();
        return name == null || baseUrl == null
                ? Optional.empty()
                : Optional.of(new Upstream(
                        name, baseUrl, apiKey, models, purposes, organization, project, timeout, retries, extraFields));
    }

    private @Nullable String name() {
        Value name = section.requiredText("name");
        if (name == null || name.text().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            return name == null ? null : name.text();
        }
        report(name, "takes 1 to 64 letters, digits, dots, dashes and underscores" + name.not());
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

    private ExtraFields extraFields() {
        List<Value> names = section.texts("extra_fields");
        if (names == null) {
            return ExtraFields.NONE;
        }
        for (Value name : names) {
            if (ExtraFields.NEVER.contains(name.text())) {
                report(name, "is no client's to say: this file says where a model is answered, and with which key");
            } else if (!name.text().matches("[A-Za-z_][A-Za-z0-9_]{0,63}|\\*")) {
                report(name, "takes the name of a field, as in [top_k, min_p], or * for all" + name.not());
            }
        }
        return new ExtraFields(names.stream().map(Value::text).collect(Collectors.toSet()));
    }

    private void report(Value value, String message) {
        reading.problems().add(value.line(), value.path(), message);
    }
}
