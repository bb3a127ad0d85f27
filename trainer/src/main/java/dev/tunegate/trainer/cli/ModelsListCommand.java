package dev.tunegate.trainer.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.worker.BaseModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code models list}: the base models and whether they can be used. */
@Command(name = "list", description = "List the base models.", mixinStandardHelpOptions = true)
final class ModelsListCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DirectoryOptions directories = new DirectoryOptions();

    @Option(
            names = "--json",
            defaultValue = "${env:TUNEGATE_JSON:-false}",
            description = "Print one JSON object per model [TUNEGATE_JSON].")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (var model : new BaseModels(directories.all()).all().entrySet()) {
            ObjectNode line = describe(model.getKey(), model.getValue());
            out.println(json ? JSON.writeValueAsString(line) : text(line));
        }
        return 0;
    }

    private static ObjectNode describe(String id, Path directory) throws IOException {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("id", id);
        try {
            ModelConfig config = ModelConfig.read(directory.resolve("config.json"));
            line.put("architecture", config.architecture()).put("context_length", config.contextLength());
        } catch (InvalidCheckpoint e) {
            line.put("problem", e.getMessage());
        }
        return line.put("directory", directory.toString());
    }

    private static String text(ObjectNode line) {
        String details = line.has("problem")
                ? "not usable: " + line.path("problem").textValue()
                : "%s, context %d"
                        .formatted(
                                line.path("architecture").textValue(),
                                line.path("context_length").intValue());
        return "%s  %s  %s"
                .formatted(
                        line.path("id").textValue(),
                        details,
                        line.path("directory").textValue());
    }
}
