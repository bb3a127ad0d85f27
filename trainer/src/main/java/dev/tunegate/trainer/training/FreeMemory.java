package dev.tunegate.trainer.training;

import com.sun.management.OperatingSystemMXBean;
import dev.tunegate.trainer.torch.CudaDevice;
import dev.tunegate.trainer.torch.Torch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How much memory this process may still take: what the machine has available, and no more than its control group allows.
 *
 * @param root where {@code /proc} and {@code /sys} are
 */
public record FreeMemory(Path root) {
    private static final String NO_LIMIT = "max";

    /** The memory in bytes that is free where training runs: this machine's, or its GPU's. */
    public static long bytes() {
        if (Torch.device().isCuda()) {
            MemoryUsage memory = CudaDevice.inUse().memory();
            return memory.getMax() - memory.getUsed();
        }
        return new FreeMemory(Path.of("/")).read();
    }

    long read() {
        Path proc = root.resolve("proc");
        long available = number(proc.resolve("meminfo"), "MemAvailable:")
                .orElseGet(() -> ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getFreeMemorySize());
        return Math.max(0, Math.min(available, Math.min(unified(proc), legacy(proc))));
    }

    /** Control groups of version 2: the tightest limit of the process's group and of those around it. */
    private long unified(Path proc) {
        Path mount = root.resolve("sys/fs/cgroup");
        long free = Long.MAX_VALUE;
        Path group = group(proc, mount, "0::");
        while (group != null && group.startsWith(mount)) {
            free = Math.min(free, free(group, "memory.max", "memory.current", "inactive_file"));
            group = group.getParent();
        }
        return free;
    }

    /** Control groups of version 1, whose statistics name the tightest limit around the process. */
    private long legacy(Path proc) {
        Path mount = root.resolve("sys/fs/cgroup/memory");
        long inGroup = freeOfLegacy(group(proc, mount, ":memory:"));
        // In a container the process's group may be mounted as the root.
        return Math.min(inGroup, freeOfLegacy(mount));
    }

    private static long freeOfLegacy(Path group) {
        return free(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
    }

    private static Path group(Path proc, Path mount, String marker) {
        return lines(proc.resolve("self/cgroup"))
                .filter(line -> line.contains(marker))
                .map(line -> line.substring(line.indexOf(marker) + marker.length()))
                .map(path -> mount.resolve(path.substring(1)).normalize())
                .filter(path -> path.startsWith(mount))
                .findFirst()
                .orElse(mount);
    }

    /** What files have in the group's memory goes when somebody needs it. */
    private static long free(Path group, String limit, String usage, String reclaimable) {
        String most = lines(group.resolve(limit)).findFirst().orElse(NO_LIMIT).strip();
        String used = lines(group.resolve(usage)).findFirst().orElse("0").strip();
        if (most.equals(NO_LIMIT)) {
            return Long.MAX_VALUE;
        }
        long files = lines(group.resolve("memory.stat"))
                .filter(line -> line.startsWith(reclaimable + " "))
                .mapToLong(line ->
                        Long.parseLong(line.substring(reclaimable.length() + 1).strip()))
                .findFirst()
                .orElse(0);
        return Long.parseLong(most) - Long.parseLong(used) + files;
    }

    private static OptionalLong number(Path file, String field) {
        return lines(file)
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
                .findFirst();
    }

    /** The lines of a file. One that is not there has none: not every system has all of these files. */
    private static Stream<String> lines(Path file) {
        if (!Files.isReadable(file)) {
            return Stream.empty();
        }
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }
}
