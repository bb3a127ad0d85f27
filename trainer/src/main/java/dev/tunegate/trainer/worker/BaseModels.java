package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.worker.Protocol.WorkerModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The base models on this worker's disk: every sub-directory with a config.json, under the directory's name. Looked up
 * anew each time, so that an imported model is there without a restart.
 */
public final class BaseModels {
    private static final Logger LOG = LoggerFactory.getLogger(BaseModels.class);

    private final List<Path> directories;
    private final Set<Path> complainedAbout = ConcurrentHashMap.newKeySet();

    /** @param directories where models are; of two with the same name the first directory's counts */
    public BaseModels(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** All models by id. */
    public Map<String, Path> all() {
        Map<String, Path> models = new LinkedHashMap<>();
        for (Path directory : directories) {
            for (Path model : subdirectories(directory)) {
                models.putIfAbsent(model.getFileName().toString(), model);
            }
        }
        return models;
    }

    /**
     * The directory of a model. The id is looked up among the names that are there, never used as a path.
     *
     * @throws UnknownModel when there is none of that name
     */
    public Path directory(String id) throws UnknownModel {
        Path directory = all().get(id);
        if (directory == null) {
            throw new UnknownModel(id);
        }
        return directory;
    }

    /** The models this trainer can work with; the others are left out, with one line in the log each. */
    List<WorkerModel> usable() {
        return all().entrySet().stream()
                .flatMap(model -> describe(model.getKey(), model.getValue()))
                .toList();
    }

    private Stream<WorkerModel> describe(String id, Path directory) {
        try {
            ModelConfig config = ModelConfig.read(directory.resolve("config.json"));
            return Stream.of(new WorkerModel(id, config.contextLength()));
        } catch (IOException | InvalidCheckpoint e) {
            if (complainedAbout.add(directory)) {
                LOG.warn("Not offering the model {}: {}", id, e.getMessage());
            }
            return Stream.of();
        }
    }

    private List<Path> subdirectories(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            // Names with a dot in front are imports under way.
            return entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .filter(entry -> Files.isRegularFile(entry.resolve("config.json")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            if (complainedAbout.add(directory)) {
                LOG.warn("Cannot list the models in {}: {}", directory, e.getMessage());
            }
            return List.of();
        }
    }

    /** No model of that name is in the models directories. */
    public static final class UnknownModel extends IOException {
        UnknownModel(String id) {
            super("The model %s is not on this worker. Put its Hugging Face directory into a models directory."
                    .formatted(id));
        }
    }
}
