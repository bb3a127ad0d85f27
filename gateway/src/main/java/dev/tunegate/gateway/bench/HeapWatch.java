package dev.tunegate.gateway.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;

/** What is in use of the heap, garbage left out. */
final class HeapWatch {
    private static final long MEGABYTE = 1024L * 1024;

    private final List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    private long most;

    /** Collects what is garbage, and tells what is left, in megabytes. */
    long now() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEGABYTE;
    }

    /** Looks at what the last collections have left. */
    void look() {
        long left = 0;
        for (MemoryPoolMXBean pool : pools) {
            MemoryUsage behind = pool.getCollectionUsage();
            left += behind == null ? 0 : behind.getUsed();
        }
        most = Math.max(most, left);
    }

    /** The most that was left in all looks, in megabytes. */
    long most() {
        return most / MEGABYTE;
    }

    static long max() {
        return Runtime.getRuntime().maxMemory() / MEGABYTE;
    }
}
