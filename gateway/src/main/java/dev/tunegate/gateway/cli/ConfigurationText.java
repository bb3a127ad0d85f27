package dev.tunegate.gateway.cli;

import static java.util.stream.Collectors.joining;

import dev.tunegate.gateway.config.Configuration;
import dev.tunegate.gateway.config.ConfigurationFile;
import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import dev.tunegate.gateway.config.Glob;
import dev.tunegate.gateway.config.Purpose;
import dev.tunegate.gateway.config.Upstream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A configuration as {@code config check} shows it. */
final class ConfigurationText {
    private static final String INDENT = "  ";

    private final Configuration configuration;
    private final List<String> lines = new ArrayList<>();

    private ConfigurationText(Configuration configuration) {
        this.configuration = configuration;
    }

    static List<String> of(Configuration configuration, Path dataDir) {
        ConfigurationText text = new ConfigurationText(configuration);
        text.file(dataDir);
        text.upstreams();
        text.aliases();
        text.serving();
        text.directories();
        text.limits();
        return text.lines;
    }

    private void file(Path dataDir) {
        lines.add(
                configuration.file() != null
                        ? configuration.file() + " is in order"
                        : "No configuration file: neither "
                                + ConfigurationFile.candidates(dataDir).stream()
                                        .map(Path::toString)
                                        .collect(joining(" nor ")));
    }

    private void upstreams() {
        lines.add("upstreams" + noneIf(configuration.upstreams().isEmpty()));
        for (Upstream upstream : configuration.upstreams()) {
            lines.add(INDENT + upstream.name() + INDENT + upstream.baseUrl());
            add("key", upstream.apiKey() == null ? "not set" : "set");
            add("for", upstream.purposes().stream().map(Purpose::text).collect(joining(", ")));
            add("models", upstream.models().stream().map(Glob::pattern).collect(joining(", ")));
            add("timeout", upstream.timeout().toSeconds() + " s, " + upstream.retries() + " retries");
            if (upstream.organization() != null) {
                add("organization", upstream.organization());
            }
            if (upstream.project() != null) {
                add("project", upstream.project());
            }
        }
    }

    private void add(String key, String value) {
        lines.add(INDENT.repeat(2) + key + INDENT + value);
    }

    private void aliases() {
        lines.add("aliases" + noneIf(configuration.aliases().isEmpty()));
        for (Map.Entry<String, String> alias : new TreeMap<>(configuration.aliases()).entrySet()) {
            lines.add(INDENT + alias.getKey() + " → " + alias.getValue());
        }
    }

    private void serving() {
        if (!configuration.serving().isEmpty()) {
            lines.add("serving");
        }
        for (EngineConfig serving : configuration.serving()) {
            lines.add(INDENT + serving.baseModel() + " → " + serving.engine().text() + INDENT + serving.baseUrl());
            add("key", serving.apiKey() == null ? "not set" : "set");
            add("model", serving.model());
            SharedDirectory directory = serving.directory();
            if (directory != null) {
                add("adapters_dir", directory.here().toString());
                add("engine_dir", directory.there());
            }
            add(
                    "timeout",
                    serving.timeout().toSeconds() + " s, loading "
                            + serving.loadTimeout().toSeconds() + " s");
        }
    }

    private void directories() {
        if (!configuration.modelsDirs().isEmpty()) {
            lines.add("models_dirs");
            configuration.modelsDirs().forEach(directory -> lines.add(INDENT + directory));
        }
    }

    private void limits() {
        Integer megabytes = configuration.limits().maxUploadMegabytes();
        lines.add("limits");
        lines.add(INDENT + "max_upload_mb  "
                + (megabytes == null ? ServeOptions.DEFAULT_MAX_UPLOAD_MEGABYTES : megabytes));
        lines.add(INDENT + "min_free_mb  " + configuration.limits().minFreeMegabytes());
    }

    private static String noneIf(boolean empty) {
        return empty ? "  none" : "";
    }
}
