package dev.tunegate.gateway.config;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads {@code tunegate.yaml} strictly, and to its end, so that all that is wrong is said at once. */
public final class ConfigurationReader {
    private static final List<String> KEYS = List.of("upstreams", "aliases", "serving", "models_dirs", "limits");
    private static final String OPENAI_KEY = "OPENAI_API_KEY";
    private static final List<Glob> OPENAI_MODELS =
            Stream.of("gpt-*", "chatgpt-*", "o1*", "o3*", "o4*").map(Glob::new).toList();

    private final ConfigurationErrors problems = new ConfigurationErrors();
    private final Map<String, String> environment;
    private final Section.Reading reading;

    private ConfigurationReader(Map<String, String> environment) {
        this.environment = environment;
        this.reading = new Section.Reading(problems, new Variables(environment, problems));
    }

    /**
     * Reads a file.
     *
     * @param file null for what follows from the environment alone
     */
    public static Configuration read(@Nullable Path file, Map<String, String> environment) throws InvalidConfiguration {
        return new ConfigurationReader(environment).read(file);
    }

    private Configuration read(@Nullable Path file) throws InvalidConfiguration {
        String shown = String.valueOf(file);
        Yaml document = file == null ? new Yaml.Empty(1) : YamlReader.read(text(file), problems);
        Section top = new Section(reading, "", top(document), KEYS);
        List<Upstream> configured = upstreams(top);
        Map<String, String> aliases = AliasReader.read(reading, top.keys("aliases"), configured);
        List<EngineConfig> serving = EngineConfigReader.read(reading, top.keys("serving"), aliases.keySet(), file);
        List<Upstream> upstreams = configured.isEmpty() && !top.hasList("upstreams") ? openAi() : configured;
        List<Path> modelsDirs = modelsDirs(top, file);
        Limits limits = limits(top);
        problems.throwIfAny(shown);
        return new Configuration(file, List.copyOf(upstreams), aliases, serving, modelsDirs, limits);
    }

    private static String text(Path file) throws InvalidConfiguration {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new InvalidConfiguration(List.of(file + ": is no text in UTF-8"));
        } catch (IOException e) {
            throw new InvalidConfiguration(
                    List.of(file + (Files.exists(file) ? ": cannot be read" : ": there is no such file")));
        }
    }

    private Yaml.Keys top(Yaml document) {
        if (document instanceof Yaml.Keys keys) {
            return keys;
        }
        if (!(document instanceof Yaml.Empty)) {
            problems.add(document.line(), "", "takes the keys " + String.join(", ", KEYS) + ", not " + document.kind());
        }
        return new Yaml.Keys(1, List.of());
    }

    private List<Upstream> upstreams(Section top) {
        List<Upstream> upstreams = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<Yaml> items = top.items("upstreams");
        for (int i = 0; i < items.size(); i++) {
            String path = "upstreams[" + i + "]";
            int line = items.get(i).line();
            UpstreamReader.read(reading, path, items.get(i)).ifPresent(upstream -> {
                if (!names.add(upstream.name())) {
                    problems.add(line, path + ".name", "another upstream has this name already");
                }
                upstreams.add(upstream);
            });
        }
        return upstreams;
    }

    /** Whoever has OpenAI's key in the environment has OpenAI, unless the file names upstreams or says {@code []}. */
    private List<Upstream> openAi() {
        String key = Objects.requireNonNullElse(environment.get(OPENAI_KEY), "").strip();
        if (key.isEmpty()) {
            return List.of();
        }
        if (!HeaderValue.isValid(key)) {
            problems.add(ConfigurationErrors.NO_LINE, OPENAI_KEY, HeaderValue.ALLOWED);
            return List.of();
        }
        return List.of(new Upstream(
                "openai",
                URI.create("https://api.openai.com/v1"),
                key,
                OPENAI_MODELS,
                EnumSet.allOf(Purpose.class),
                null,
                null,
                Upstream.DEFAULT_TIMEOUT,
                Upstream.DEFAULT_RETRIES));
    }

    /** Resolves a path relative to the file, so that it means the same from everywhere. */
    private List<Path> modelsDirs(Section top, @Nullable Path file) {
        List<Path> directories = new ArrayList<>();
        List<Value> values = top.texts("models_dirs");
        for (Value value : values == null ? List.<Value>of() : values) {
            Path directory = beside(Objects.requireNonNull(file), value.text());
            if (!Files.isDirectory(directory)) {
                problems.add(value.line(), value.path(), "takes directories that exist" + value.not());
            }
            directories.add(directory);
        }
        return directories;
    }

    static Path beside(Path file, String path) {
        try {
            return file.toAbsolutePath().resolveSibling(path).normalize();
        } catch (InvalidPathException e) {
            return file; // it is no directory
        }
    }

    private Limits limits(Section top) {
        Section limits = new Section(reading, "limits", top.keys("limits"), List.of("max_upload_mb", "min_free_mb"));
        return new Limits(
                limits.integer("max_upload_mb", 1, Limits.MAX_UPLOAD_MEGABYTES),
                Objects.requireNonNullElse(
                        limits.integer("min_free_mb", 0, Limits.MOST_MIN_FREE_MEGABYTES),
                        Limits.DEFAULT_MIN_FREE_MEGABYTES));
    }
}
