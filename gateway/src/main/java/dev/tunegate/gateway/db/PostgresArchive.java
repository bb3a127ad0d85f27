package dev.tunegate.gateway.db;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The Postgres on the class path: an archive of programs and what they need, made for this platform. */
final class PostgresArchive {
    private PostgresArchive() {}

    /** Is shown each file and link of the archive, in its order. */
    interface Visitor {
        /**
         * Is shown a file.
         *
         * @param content to be read before the next one is shown
         */
        void file(Path path, boolean isProgram, InputStream content) throws IOException;

        void link(Path path, Path target) throws IOException;
    }

    static void visit(Visitor visitor) throws IOException {
        String name = "/postgres-" + system() + "-" + architecture() + ".txz";
        try (InputStream resource = PostgresArchive.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IOException("Tunegate was built without the embedded Postgres of this platform (" + name
                        + "). Name a Postgres server with --database-url.");
            }
            TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(resource)));
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                visit(visitor, entry, tar);
            }
        }
    }

    private static void visit(Visitor visitor, TarArchiveEntry entry, InputStream content) throws IOException {
        Path path = Path.of(entry.getName()).normalize();
        if (path.isAbsolute() || path.startsWith("..")) {
            throw new IOException("The archive of Postgres has an entry outside itself: " + path);
        }
        if (entry.isSymbolicLink()) {
            visitor.link(path, Path.of(entry.getLinkName()));
        } else if (entry.isFile()) {
            visitor.file(path, (entry.getMode() & 0100) != 0, content);
        }
    }

    private static String system() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "aarch64", "arm64" -> "arm_64";
            default -> "x86_64";
        };
    }
}
