package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Full disks, the gateway's and the worker's: work waits for room, and no job fails for want of it. */
class FullDiskTest extends WorkerFixture {
    /** Nothing at all can be created in it, as on a disk without room. */
    private @Nullable Path full;

    @Override
    Path workDir() {
        return full == null ? super.workDir() : full;
    }

    /** A tmpfs of one file, which is its root; a child process has mounted it where only that sees it. */
    @Test
    void aTaskIsHandedBackWhereTheWorkersDiskIsFull() throws Exception {
        Process mounter = new ProcessBuilder(
                        "unshare",
                        "--map-root-user",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o nr_inodes=1 tmpfs /mnt && echo mounted && exec cat")
                .start();
        try {
            boolean isMounted = "mounted".equals(mounter.inputReader().readLine());
            assumeTrue(isMounted, "this system gives nobody namespaces, which the test needs to mount a disk");
            full = Path.of("/proc/" + mounter.pid() + "/root/mnt");
            gateway.offer("train", "ftjob-1", job("{}"), null);
            start(false);

            assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
            assertThat(gateway.messages())
                    .containsExactly("The worker's disk is full. The job goes on when there is room, or on another"
                            + " worker.");
        } finally {
            mounter.destroyForcibly();
        }
    }

    @Test
    void whatTheGatewayHasNoRoomForIsSentAgain() throws Exception {
        gateway.beFull(5);
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 2, \"batch_size\": 4}"), null);
        start(false);

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("succeeded");
        assertThat(gateway.uploadsToRefuse()).isZero();
        assertThat(gateway.checkpoints()).hasSize(2);
    }
}
