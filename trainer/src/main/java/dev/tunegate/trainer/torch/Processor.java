package dev.tunegate.trainer.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What this machine's processor can do.
 *
 * @param cpuinfo what Linux says of it; empty where there is no Linux
 */
public record Processor(String cpuinfo) {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Pattern BFLOAT16 = Pattern.compile("\\b(amx_bf16|avx512_bf16)\\b");
    private static final Pattern AMD = Pattern.compile("vendor_id\\s*:\\s*(AuthenticAMD|HygonGenuine)");

    /** The processor this runs on. */
    public static Processor here() {
        try {
            return new Processor(Files.isReadable(CPUINFO) ? Files.readString(CPUINFO) : "");
        } catch (IOException e) {
            return new Processor("");
        }
    }

    /** Whether it multiplies bfloat16 matrices itself. */
    public boolean multipliesBfloat16() {
        return BFLOAT16.matcher(cpuinfo).find();
    }

    /** Whether it is one for which MKL, libtorch's choice for float32, is not made. */
    boolean isAmd() {
        return AMD.matcher(cpuinfo).find();
    }
}
