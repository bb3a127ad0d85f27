package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.checkpoint.FileZip;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The zip an adapter travels in: PEFT's two files and nothing else. */
public final class AdapterZip {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final Map<String, Long> MAX_BYTES = Map.of(CONFIG, 1L << 20, WEIGHTS, 16L << 30);

    private AdapterZip() {}

    /** Packs the adapter in a PEFT directory. */
    public static void pack(Path peftDir, Path zip, Stop stop) throws IOException {
        FileZip.pack(peftDir, List.of(CONFIG, WEIGHTS), zip, stop);
    }

    /** Unpacks the two files into a PEFT directory. */
    public static void unpack(Path zip, Path peftDir, Stop stop) throws IOException {
        FileZip.unpack(zip, MAX_BYTES, peftDir, stop);
    }
}
