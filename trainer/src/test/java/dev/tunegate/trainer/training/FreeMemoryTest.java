package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path root;

    @BeforeEach
    void eightGibibytesOfWhichFiveAreAvailable() throws IOException {
        write("proc/meminfo", """
                MemTotal:        8388608 kB
                MemFree:         1048576 kB
                MemAvailable:    5242880 kB
                """);
    }

    @Test
    void withoutControlGroupsItIsWhatTheMachineHasAvailable() {
        assertThat(new FreeMemory(root).read()).isEqualTo(5120 * MIB);
    }

    @Test
    void aLimitOfTheProcessesGroupCountsWithoutItsFilesInMemory() throws IOException {
        write("proc/self/cgroup", "0::/pod/trainer\n");
        group("sys/fs/cgroup/pod/trainer", "2147483648", 1536 * MIB);
        write("sys/fs/cgroup/pod/trainer/memory.stat", "anon 1073741824\ninactive_file 268435456\n");

        assertThat(new FreeMemory(root).read()).isEqualTo(768 * MIB);
    }

    @Test
    void aLimitOfAGroupAroundItCounts() throws IOException {
        write("proc/self/cgroup", "0::/pod/trainer\n");
        group("sys/fs/cgroup/pod/trainer", "max", 512 * MIB);
        group("sys/fs/cgroup/pod", "1073741824", 768 * MIB);

        assertThat(new FreeMemory(root).read()).isEqualTo(256 * MIB);
    }

    @Test
    void aContainerSeesItsOwnGroupAsTheRoot() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        group("sys/fs/cgroup", "1073741824", 24 * MIB);

        assertThat(new FreeMemory(root).read()).isEqualTo(1000 * MIB);
    }

    @Test
    void theOlderControlGroupsCountToo() throws IOException {
        write("proc/self/cgroup", "12:cpu:/\n7:memory:/docker/abc\n");
        Path mount = root.resolve("sys/fs/cgroup/memory");
        write(mount + "/memory.limit_in_bytes", "2147483648\n");
        write(mount + "/memory.usage_in_bytes", "1073741824\n");

        assertThat(new FreeMemory(root).read()).isEqualTo(1024 * MIB);
    }

    @Test
    void aGroupBeyondItsLimitHasNothingFree() throws IOException {
        group("sys/fs/cgroup", "1073741824", 1100 * MIB);

        assertThat(new FreeMemory(root).read()).isZero();
    }

    @Test
    void everyMachineHasSome() {
        assertThat(FreeMemory.bytes()).isGreaterThan(MIB);
    }

    private void group(String directory, String limit, long used) throws IOException {
        write(directory + "/memory.max", limit + "\n");
        write(directory + "/memory.current", used + "\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
