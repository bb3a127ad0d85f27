package dev.tunegate.gateway.config;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keys that stand in the configuration itself, where other users of the machine can read them. */
public final class ReadableKeys {
    private static final String SECRET = "api_key";

    private ReadableKeys() {}

    /** What to tell the person who runs the gateway; empty where all is well, or the file cannot be read. */
    public static Optional<String> warning(Path file) {
        try {
            if (!isReadableToOthers(file.toRealPath())) {
                return Optional.empty();
            }
            List<Integer> lines = new ArrayList<>();
            collect(YamlReader.read(Files.readString(file), new ConfigurationErrors()), lines);
            return lines.isEmpty() ? Optional.empty() : Optional.of(warning(file, lines));
        } catch (IOException e) {
            return Optional.empty(); // whoever reads the configuration says so
        }
    }

    private static String warning(Path file, List<Integer> lines) {
        String where = lines.stream().map(String::valueOf).collect(joining(", "));
        return file + ": other users of this machine can read the "
                + (lines.size() == 1 ? "key in line " : "keys in lines ")
                + where + ". Close it with chmod 600 " + file
                + ", or write ${NAME} instead and set that environment variable.";
    }

    /** Keys that the environment gives are not in the file. */
    private static void collect(Yaml value, List<Integer> lines) {
        if (value instanceof Yaml.Items list) {
            list.items().forEach(item -> collect(item, lines));
        } else if (value instanceof Yaml.Keys keys) {
            for (Yaml.Entry entry : keys.entries()) {
                boolean isLiteral = entry.value() instanceof Yaml.Digits
                        || (entry.value() instanceof Yaml.Text text
                                && !text.text().contains("${"));
                if (entry.key().equals(SECRET) && isLiteral) {
                    lines.add(entry.line());
                }
                collect(entry.value(), lines);
            }
        }
    }

    private static boolean isReadableToOthers(Path file) throws IOException {
        return is(file, PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_EXECUTE)
                || is(file, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_EXECUTE);
    }

    /** Whether a file has a permission, and the way to it another. */
    private static boolean is(Path file, PosixFilePermission read, PosixFilePermission pass) throws IOException {
        if (!Files.getPosixFilePermissions(file).contains(read)) {
            return false;
        }
        for (Path parent = file.getParent(); parent != null; parent = parent.getParent()) {
            if (!Files.getPosixFilePermissions(parent).contains(pass)) {
                return false;
            }
        }
        return true;
    }
}
