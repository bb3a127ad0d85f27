package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(120)
@EnabledOnOs(OS.LINUX)
class ReleasedMemoryTest {
    /** What is freed stays for the next step. As the launcher sets it, but for its arenas: beyond the first, little stays of little. */
    private static final String MALLOC = "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184:"
            + "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1";

    @Test
    void whatATrainingTookIsGivenBackBehindIt() throws Exception {
        List<String> lines = ChildJvm.run(ReleasedMemory.class, Map.of("GLIBC_TUNABLES", MALLOC));

        assertThat(lines).hasSize(3).endsWith("exit 0");
        long kept = Long.parseLong(lines.get(0));
        assertThat(kept - Long.parseLong(lines.get(1)))
                .as("MiB of the %d behind 2,048 tokens", kept)
                .isGreaterThan(200);
    }
}
