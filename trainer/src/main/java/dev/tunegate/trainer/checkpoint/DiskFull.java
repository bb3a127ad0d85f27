package dev.tunegate.trainer.checkpoint;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a disk without room from all else that fails: it passes when somebody makes room, and work can wait for that. */
public final class DiskFull {
    private static final int DEEPEST_CAUSE = 20;

    /** The system's words for ENOSPC and EDQUOT: Java passes on nothing else by which to know them. */
    private static final Set<String> WORDS = words();

    private DiskFull() {}

    public static boolean is(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            String said = cause instanceof FileSystemException file ? file.getReason() : cause.getMessage();
            if ((cause instanceof IOException || cause instanceof UncheckedIOException)
                    && WORDS.contains(String.valueOf(said))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    /** Java passes the words on in the system's language; the device that is always full says what they are there. */
    private static Set<String> words() {
        Set<String> words = new HashSet<>(Set.of("No space left on device", "Disk quota exceeded"));
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            full.write(0);
        } catch (FileNotFoundException e) { // a container may have no such device, and then no other language either
            return words;
        } catch (IOException e) {
            words.add(String.valueOf(e.getMessage()));
        }
        return words;
    }
}
