package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.model.ModelImport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code models import}: takes a Hugging Face directory into the data directory. */
@Command(
        name = "import",
        description = "Check a Hugging Face model directory and copy it into the data directory.",
        mixinStandardHelpOptions = true)
final class ModelsImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DirectoryOptions directories = new DirectoryOptions();

    @Parameters(paramLabel = "DIR", description = "The directory, with config.json, *.safetensors and tokenizer.json.")
    private Path source = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "${env:TUNEGATE_MODEL_NAME:-}",
            description = "The model's id [TUNEGATE_MODEL_NAME] (default: the directory's name).")
    private String name = "";

    @Override
    public Integer call() throws Exception {
        Path directory = source.toAbsolutePath().normalize();
        String id = name.isEmpty() ? String.valueOf(directory.getFileName()) : name;
        Path target = ModelImport.copy(directory, directories.imported(), id);
        spec.commandLine().getOut().printf("Imported %s to %s%n", id, target);
        return 0;
    }
}
