package dev.tunegate.gateway.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads which engine answers with a base model. */
final class EngineConfigReader {
    private static final List<String> KEYS =
            List.of("engine", "base_url", "api_key", "model", "adapters_dir", "engine_dir", "timeout", "load_timeout");
    private static final List<String> WORKER_KEYS = List.of("engine");
    private static final List<String> DIRECTORY_KEYS = List.of("adapters_dir", "engine_dir");
    private static final List<String> ENGINES =
            Arrays.stream(EngineKind.values()).map(EngineKind::text).toList();
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,255}";

    private final Section.Reading reading;
    private final String baseModel;
    private final Section section;
    private final HostReader host;
    private final @Nullable Path file;

    private EngineConfigReader(Section.Reading reading, String baseModel, Section section, @Nullable Path file) {
        this.reading = reading;
        this.baseModel = baseModel;
        this.section = section;
        this.host = new HostReader(reading, section, "http://localhost:8000");
        this.file = file;
    }

    /** The entries of other engines than the workers, in the file's order. */
    static List<EngineConfig> read(Section.Reading reading, Yaml.Keys keys, Set<String> aliases, @Nullable Path file) {
        List<String> names =
                keys.entries().stream().map(Yaml.Entry::key).distinct().toList();
        Section all = new Section(reading, "serving", keys, names);
        for (String name : names) {
            if (aliases.contains(name)) {
                all.problem(name, "is an alias; the name of the model that it stands for has its place here");
            } else if (!name.matches(NAME) || name.startsWith("ft:")) {
                all.problem(
                        name, "takes the name of a base model; what was fine-tuned from it is served along with it");
            }
        }
        return keys.entries().stream()
                .flatMap(entry -> read(reading, entry, file).stream())
                .toList();
    }

    private static Optional<EngineConfig> read(Section.Reading reading, Yaml.Entry entry, @Nullable Path file) {
        String path = "serving." + entry.key();
        if (!(entry.value() instanceof Yaml.Keys keys)) {
            String kind = entry.value().kind();
            reading.problems().add(entry.line(), path, "takes the keys of an engine, such as engine, not " + kind);
            return Optional.empty();
        }
        Section section = new Section(reading, path, keys, KEYS);
        return new EngineConfigReader(reading, entry.key(), section, file).read();
    }

    private Optional<EngineConfig> read() {
        EngineKind engine = engine();
        if (engine == null) {
            return Optional.empty();
        }
        if (engine == EngineKind.WORKER) {
            refuse(KEYS, WORKER_KEYS, "workers need nothing but engine: worker");
            return Optional.empty();
        }
        URI baseUrl = baseUrl();
        String apiKey = host.inHeader("api_key");
        Value model = section.text("model");
        EngineConfig.SharedDirectory directory = directory(engine);
        var timeout = host.timeout("timeout", Upstream.DEFAULT_TIMEOUT);
        var loadTimeout = host.timeout("load_timeout", EngineConfig.DEFAULT_LOAD_TIMEOUT);
        return baseUrl == null
                ? Optional.empty()
                : Optional.of(new EngineConfig(
                        baseModel,
                        engine,
                        baseUrl,
                        apiKey,
                        model == null ? baseModel : model.text(),
                        directory,
                        timeout,
                        loadTimeout));
    }

    private @Nullable EngineKind engine() {
        Value value = section.requiredText("engine");
        if (value == null) {
            return null;
        }
        Optional<EngineKind> engine = EngineKind.of(value.text());
        if (engine.isEmpty()) {
            report(value, "takes one of " + String.join(", ", ENGINES) + value.not());
        }
        return engine.orElse(null);
    }

    private @Nullable URI baseUrl() {
        URI url = host.baseUrl();
        if (url != null && url.getPath().endsWith("/v1")) {
            section.problem("base_url", "takes the engine's own root: leave out the /v1");
        }
        return url;
    }

    private EngineConfig.@Nullable SharedDirectory directory(EngineKind engine) {
        if (!engine.sharesDirectory()) {
            refuse(DIRECTORY_KEYS, List.of(), engine.text() + " gets its adapters by HTTP and needs no directory");
            return null;
        }
        Value here = section.requiredText("adapters_dir");
        Value there = section.text("engine_dir");
        if (here == null) {
            return null;
        }
        Path directory = ConfigurationReader.beside(Objects.requireNonNull(file), here.text());
        if (!Files.isDirectory(directory)) {
            report(here, "takes a directory that exists" + here.not());
        }
        if (there != null && !there.text().matches("(/|[A-Za-z]:[/\\\\]).*")) {
            report(there, "takes an absolute path, as the engine sees the directory" + there.not());
        }
        String seen = there == null ? directory.toString() : there.text().replaceAll("(?<=.)[/\\\\]+$", "");
        return new EngineConfig.SharedDirectory(directory, seen);
    }

    private void refuse(List<String> keys, List<String> allowed, String message) {
        for (String key : keys) {
            if (!allowed.contains(key) && section.has(key)) {
                section.problem(key, message);
            }
        }
    }

    private void report(Value value, String message) {
        reading.problems().add(value.line(), value.path(), message);
    }
}
