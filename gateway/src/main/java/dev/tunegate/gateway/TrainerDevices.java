package dev.tunegate.gateway;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which device each trainer on this machine works on: a GPU is one trainer's alone. */
final class TrainerDevices {
    private static final String AUTO = "auto";
    private static final String CPU = "cpu";

    /** The CUDA devices of this machine, by libtorch's names. */
    @FunctionalInterface
    interface Gpus {
        List<String> list() throws StartupFailure;
    }

    private TrainerDevices() {}

    /**
     * Chooses a device for each trainer.
     *
     * @param trainers null for one, or one per GPU where there are several
     * @param device what {@code --device} says
     */
    static List<String> of(@Nullable Integer trainers, String device, Gpus gpus) throws StartupFailure {
        int wanted = trainers == null ? 1 : trainers;
        if (device.equals(CPU)) {
            return Collections.nCopies(wanted, CPU);
        }
        if (!device.equals(AUTO)) {
            if (wanted > 1) {
                throw new StartupFailure(
                        "--device " + device + " is one device, and a trainer has it for itself: --trainers " + wanted
                                + " goes with --device auto or cpu",
                        null);
            }
            return Collections.nCopies(wanted, device);
        }
        if (trainers != null && trainers < 2) {
            return Collections.nCopies(wanted, AUTO); // the trainer itself finds out which device it is
        }
        List<String> found = gpus.list();
        if (found.isEmpty()) {
            return Collections.nCopies(wanted, CPU);
        }
        if (wanted > found.size()) {
            throw new StartupFailure(
                    "--trainers " + wanted + ": there are only " + String.join(", ", found)
                            + ", and a trainer has one for itself; the others would need --device cpu",
                    null);
        }
        return trainers == null ? found : found.subList(0, wanted);
    }

    /**
     * The number of threads that each trainer computes with. Several trainers on the CPU share its processors. 0 leaves
     * the number to the trainer.
     *
     * @param devices those of the trainers
     */
    static int threads(List<String> devices, int processors) {
        boolean share = devices.size() > 1 && devices.contains(CPU) && System.getenv("TUNEGATE_THREADS") == null;
        return share ? Math.max(1, processors / devices.size()) : 0;
    }
}
