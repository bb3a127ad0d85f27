package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** libtorch's own failure to get memory, in a process that the system gives no more. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class OutOfMemoryTest {
    @TempDir
    Path dir;

    @Test
    void aTrainingThatRunsOutOfMemoryGoesOnInSmallerBatchesToItsEnd() throws Exception {
        // What is freed goes back to the system at once, so that address space does not end up in malloc's gaps.
        Map<String, String> malloc = Map.of("GLIBC_TUNABLES", "glibc.malloc.mmap_threshold=1048576");
        List<String> lines = ChildJvm.run(ConfinedTraining.class, malloc, dir.toString());

        assertThat(lines)
                .startsWith(
                        "step 1",
                        "Step 2 ran out of memory with 4,096 tokens at once. It is repeated, and from now on: at most"
                                + " 2,048 tokens at a time.")
                .containsSubsequence("step 2", "step 3", "completed true", "exit 0");
    }
}
