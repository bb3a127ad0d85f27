package dev.tunegate.trainer.torch;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a person asks for with {@code --device}; which device that is depends on what is there.
 *
 * @param device empty for {@code auto}: the first CUDA device, else the CPU
 */
public record DeviceRequest(Optional<TorchDevice> device) {
    /** The forms of a request, for messages that people read. */
    public static final String FORMS = "auto, cpu or cuda:N";

    private static final Pattern CUDA = Pattern.compile("cuda:(0|[1-9][0-9]?)");

    /** The device is not there, or cannot be asked about. */
    public static final class Missing extends Exception {
        private static final long serialVersionUID = 1L;

        Missing(String message) {
            super(message);
        }
    }

    /**
     * Reads {@code auto}, {@code cpu} or {@code cuda:N}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static DeviceRequest parse(String text) {
        if (text.equals("auto")) {
            return new DeviceRequest(Optional.empty());
        }
        if (text.equals("cpu")) {
            return new DeviceRequest(Optional.of(TorchDevice.CPU));
        }
        Matcher cuda = CUDA.matcher(text);
        if (cuda.matches()) {
            return new DeviceRequest(Optional.of(new TorchDevice(Integer.parseInt(cuda.group(1)))));
        }
        throw new IllegalArgumentException("'" + text + "', must be " + FORMS);
    }

    /** Whether the answer depends on what is found. */
    public boolean needsCuda() {
        return device.isEmpty() || device.get().isCuda();
    }

    /** The device to use of those found. */
    public TorchDevice choose(List<CudaDevice> found) throws Missing {
        if (device.isEmpty()) {
            return found.isEmpty() ? TorchDevice.CPU : found.get(0).device();
        }
        TorchDevice wanted = device.get();
        if (wanted.isCuda() && found.stream().noneMatch(cuda -> cuda.device().equals(wanted))) {
            throw new Missing(wanted + " is not there; libtorch finds " + listed(found));
        }
        return wanted;
    }

    private static String listed(List<CudaDevice> found) {
        return found.isEmpty()
                ? "no CUDA device, only cpu (Tunegate comes with a libtorch that knows no other; \"On a GPU\" in trainer/README.md has the way to one that does)"
                : found.stream().map(cuda -> cuda.device() + ", ").collect(Collectors.joining()) + "cpu";
    }
}
