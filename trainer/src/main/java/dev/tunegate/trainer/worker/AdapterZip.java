package dev.tunegate.trainer.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The zip an adapter travels in: PEFT's two files and nothing else. */
public final class AdapterZip {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final List<String> FILES = List.of(CONFIG, WEIGHTS);
    private static final long MAX_CONFIG_BYTES = 1 << 20;
    private static final long MAX_WEIGHTS_BYTES = 16L << 30;

    private AdapterZip() {}

    /** Packs the adapter in a PEFT directory. */
    public static void pack(Path peftDir, Path zip) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            // Trained weights hardly compress.
            out.setLevel(Deflater.BEST_SPEED);
            for (String name : FILES) {
                ZipEntry entry = new ZipEntry(name);
                // The same adapter gives the same bytes.
                entry.setTime(0);
                out.putNextEntry(entry);
                Files.copy(peftDir.resolve(name), out);
                out.closeEntry();
            }
        }
    }

    /** Unpacks exactly the two known files; whatever else the zip holds is not looked at. */
    public static void unpack(Path zip, Path peftDir) throws IOException {
        Files.createDirectories(peftDir);
        try (ZipFile in = new ZipFile(zip.toFile())) {
            unpack(in, CONFIG, MAX_CONFIG_BYTES, peftDir);
            unpack(in, WEIGHTS, MAX_WEIGHTS_BYTES, peftDir);
        }
    }

    private static void unpack(ZipFile zip, String name, long maxBytes, Path dir) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IOException("The adapter's zip has no " + name);
        }
        try (InputStream in = zip.getInputStream(entry);
                OutputStream out = Files.newOutputStream(dir.resolve(name))) {
            byte[] buffer = new byte[1 << 16];
            long left = maxBytes;
            int read;
            // Counted while reading: the size an entry claims to have proves nothing.
            while ((read = in.read(buffer)) >= 0) {
                left -= read;
                if (left < 0) {
                    throw new IOException("%s in the adapter's zip has more than %d bytes".formatted(name, maxBytes));
                }
                out.write(buffer, 0, read);
            }
        }
    }
}
