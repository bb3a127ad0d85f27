package dev.tunegate.gateway.chaos;

import dev.tunegate.gateway.db.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What must hold of the directory with the blobs. */
final class Blobs {
    private final Path directory;

    Blobs(Path directory) {
        this.directory = directory;
    }

    /**
     * What of it is not as its row says, and what is left over from writing.
     *
     * @param mayBeHalfWritten whether a gateway was killed, which leaves what it was writing for a while
     */
    List<String> findings(List<Records.Bytes> rows, boolean mayBeHalfWritten) throws IOException {
        List<String> findings = new ArrayList<>();
        for (Records.Bytes row : rows) {
            Path file = directory.resolve(row.blob());
            if (!Files.exists(file)) {
                findings.add(row.what() + " has lost its bytes, " + row.blob());
            } else if (!isWhole(file, row)) {
                findings.add(row.what() + " has " + Files.size(file) + " bytes, which are not the " + row.count()
                        + " that its row tells of");
            }
        }
        try (Stream<Path> parts = Files.list(directory.resolve("parts"))) {
            parts.filter(part -> !mayBeHalfWritten)
                    .forEach(part -> findings.add("half-written and left behind: " + part));
        }
        return findings;
    }

    private static boolean isWhole(Path file, Records.Bytes row) throws IOException {
        MessageDigest digest = Sha256.begin();
        digest.update(Files.readAllBytes(file));
        return Files.size(file) == row.count() && Sha256.hex(digest).equals(row.sha256());
    }
}
