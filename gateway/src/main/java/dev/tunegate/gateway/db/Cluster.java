package dev.tunegate.gateway.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the embedded Postgres. They are made beside their place and appear there whole, and what may be a database is
 * never deleted: where the files are not as they should be, it is for a person to say what becomes of them.
 */
final class Cluster {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final Duration INITDB_LONGEST = Duration.ofMinutes(5);

    private final Path home;
    private final Path files;
    private final Path unfinished;
    private final Path marker;
    private final Path passwordFile;

    Cluster(Path home) {
        this.home = home;
        this.files = home.resolve("cluster");
        this.unfinished = home.resolve("cluster.new");
        this.marker = home.resolve("complete");
        this.passwordFile = home.resolve("password");
    }

    /** What Postgres takes as its data directory. */
    Path files() {
        return files;
    }

    /**
     * Sees to it that there is a database, by making one where there has never been any. Blocks.
     *
     * @throws IOException for the person at the terminal, where there may be a database that cannot be used as it is
     */
    void ensure(PostgresBinaries binaries) throws IOException {
        if (!Files.exists(marker)) {
            refuseUnmarked();
            setAside();
            DirectoryTree.delete(unfinished); // no server has ever run on it
            initdb(binaries);
            SecretFile.write(
                    marker, "There is a database in cluster, made whole. Without this file it is not opened.\n");
        }
        if (!isDatabase(files)) {
            finish();
        }
        if (!Files.exists(passwordFile)) {
            throw new IOException("The password of the database in " + files + " is missing. It was in " + passwordFile
                    + ": put that file back, from a backup of the directory.");
        }
    }

    /** Gives a database its place, in which a gateway that was killed has not put it any more. */
    private void finish() throws IOException {
        if (!isDatabase(unfinished)) {
            throw new IOException(
                    "The database that was in " + files + " is gone. Put the directory back, from where it"
                            + " was moved to or from a backup. To begin with an empty database instead, remove "
                            + marker + ".");
        }
        DirectoryTree.delete(files); // an empty one at most, for it would have been set aside
        Files.move(unfinished, files, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(home, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void refuseUnmarked() throws IOException {
        if (isDatabase(files) || Files.exists(files.resolve("global/pg_control"))) {
            throw new IOException(files + " holds a Postgres database, but the file " + marker
                    + " is missing, which says that it is whole. Nothing was changed. If a gateway has ever run on it, "
                    + hint() + "keep it: touch " + marker
                    + ". If it is what is left of a first start that was interrupted, move it away: mv " + files + " "
                    + files + ".old");
        }
    }

    /** Postgres writes this file whenever it starts, and initdb does not. */
    private String hint() {
        return Files.exists(files.resolve("postmaster.opts")) ? "and it looks as if one has, " : "";
    }

    private void setAside() throws IOException {
        if (Files.exists(files, LinkOption.NOFOLLOW_LINKS)) {
            Path aside = files.resolveSibling(
                    files.getFileName() + ".unusable-" + Instant.now().getEpochSecond());
            Files.move(files, aside, StandardCopyOption.ATOMIC_MOVE);
            LOG.warn("{} held no database; it is {} now, and a new database is made", files, aside);
        }
    }

    private void initdb(PostgresBinaries binaries) throws IOException {
        if (!Files.exists(passwordFile)) {
            SecretFile.write(passwordFile, Ids.random("", 32));
        }
        DirectoryTree.createPrivate(unfinished);
        List<String> arguments = List.of(
                "--username=" + EmbeddedDatabase.USER,
                "--pgdata=" + unfinished,
                "--encoding=UTF-8",
                "--locale=C",
                "--auth-local=scram-sha-256",
                "--auth-host=scram-sha-256",
                "--pwfile=" + passwordFile);
        try {
            new PostgresCommand(binaries, "initdb", arguments).run(INITDB_LONGEST);
        } catch (IOException e) {
            throw new IOException("No database could be made in " + unfinished + ": " + e.getMessage(), e);
        }
    }

    private static boolean isDatabase(Path directory) {
        return Files.exists(directory.resolve("PG_VERSION"));
    }

    /** @throws IOException where it has none yet, or cannot be read */
    String password() throws IOException {
        return Files.readString(passwordFile).strip();
    }
}
