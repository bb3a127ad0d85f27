package dev.tunegate.trainer.checkpoint;

import dev.tunegate.trainer.stop.Stop;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Zips of a few files whose names are known beforehand; nothing in a zip decides where its bytes go. */
public final class FileZip {
    private static final int BUFFER = 1 << 16;

    private FileZip() {}

    /** Packs files of a directory; the zip appears under its name only when it is complete and durable. */
    public static void pack(Path dir, List<String> names, Path zip, Stop stop) throws IOException {
        Path partial = zip.resolveSibling(zip.getFileName() + ".partial");
        try (FileOutputStream file = new FileOutputStream(partial.toFile());
                ZipOutputStream out = new ZipOutputStream(file)) {
            // Trained weights hardly compress.
            out.setLevel(Deflater.BEST_SPEED);
            for (String name : names) {
                ZipEntry entry = new ZipEntry(name);
                // The same files give the same bytes.
                entry.setTime(0);
                out.putNextEntry(entry);
                try (InputStream in = Files.newInputStream(dir.resolve(name))) {
                    copy(in, out, stop);
                }
                out.closeEntry();
            }
            out.finish();
            file.getFD().sync();
        } catch (IOException e) {
            Files.deleteIfExists(partial);
            throw e;
        }
        Files.move(partial, zip, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void copy(InputStream in, OutputStream out, Stop stop) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            stop.check();
            out.write(buffer, 0, read);
        }
    }

    /**
     * Unpacks exactly the named files; whatever else the zip holds is not looked at.
     *
     * @param maxBytes the names and the most bytes each may have
     * @throws ZipException when the file is no zip, lacks a file, or holds too large a one
     */
    public static void unpack(Path zip, Map<String, Long> maxBytes, Path dir, Stop stop) throws IOException {
        Files.createDirectories(dir);
        try (ZipFile in = new ZipFile(zip.toFile())) {
            for (var file : maxBytes.entrySet()) {
                unpack(in, file.getKey(), file.getValue(), dir, stop);
            }
        }
    }

    private static void unpack(ZipFile zip, String name, long maxBytes, Path dir, Stop stop) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new ZipException("The zip has no " + name);
        }
        try (InputStream in = zip.getInputStream(entry);
                OutputStream out = Files.newOutputStream(dir.resolve(name))) {
            byte[] buffer = new byte[BUFFER];
            long left = maxBytes;
            // Bytes are counted while they are read: the size an entry claims to have proves nothing.
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                stop.check();
                left -= read;
                if (left < 0) {
                    throw new ZipException("%s in the zip has more than %d bytes".formatted(name, maxBytes));
                }
                out.write(buffer, 0, read);
            }
        }
    }
}
