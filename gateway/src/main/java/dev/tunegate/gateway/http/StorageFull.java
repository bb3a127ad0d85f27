package dev.tunegate.gateway.http;

import io.vertx.pgclient.PgException;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the failures that mean a disk without room, the gateway's or Postgres's, from all others. Nothing is wrong with
 * what was asked then, and it works again when there is room.
 */
public final class StorageFull {
    public static final String CODE = "storage_full";

    /** The SQL state of a statement that found no room. */
    private static final String DISK_FULL = "53100";

    private static final int DEEPEST_CAUSE = 20;

    /** The system's words for ENOSPC and EDQUOT: Java passes on nothing else by which to know them. */
    private static final Set<String> WORDS = words();

    private StorageFull() {}

    public static boolean is(@Nullable Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (saysSo(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean saysSo(Throwable failure) {
        if (failure instanceof ApiError known) {
            return CODE.equals(known.body().code());
        }
        if (failure instanceof PgException sql) { // Postgres gives a quota that is used up no state of its own
            return DISK_FULL.equals(sql.getSqlState()) || WORDS.stream().anyMatch(message(sql)::contains);
        }
        if (failure instanceof FileSystemException file) {
            return WORDS.contains(String.valueOf(file.getReason()));
        }
        return failure instanceof IOException && WORDS.contains(message(failure));
    }

    private static String message(Throwable failure) {
        return String.valueOf(failure.getMessage());
    }

    /** Java passes the words on in the system's language; the device that is always full says what they are there. */
    private static Set<String> words() {
        Set<String> words = new HashSet<>(Set.of("No space left on device", "Disk quota exceeded"));
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            full.write(0);
        } catch (IOException e) {
            if (!(e instanceof FileNotFoundException)) { // a container may have no such device
                words.add(message(e));
            }
        }
        return Set.copyOf(words);
    }
}
