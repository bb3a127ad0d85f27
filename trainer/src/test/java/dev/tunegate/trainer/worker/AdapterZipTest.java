package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterZipTest {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    @TempDir
    Path dir = Path.of("");

    private Path peft = Path.of("");
    private Path zip = Path.of("");

    @BeforeEach
    void anAdapter() throws IOException {
        peft = Files.createDirectory(dir.resolve("peft"));
        Files.writeString(peft.resolve(CONFIG), "{}");
        Files.writeString(peft.resolve(WEIGHTS), "weights");
        zip = dir.resolve("adapter.zip");
    }

    @Test
    void bringsBackWhatWasPacked() throws IOException {
        AdapterZip.pack(peft, zip, Stop.NEVER);
        Path unpacked = dir.resolve("unpacked");
        AdapterZip.unpack(zip, unpacked, Stop.NEVER);
        assertThat(unpacked.resolve(CONFIG)).hasContent("{}");
        assertThat(unpacked.resolve(WEIGHTS)).hasContent("weights");
    }

    @Test
    void holdsPeftsTwoFilesAndNothingElse() throws IOException {
        Files.writeString(peft.resolve("README.md"), "not for travelling");
        AdapterZip.pack(peft, zip, Stop.NEVER);
        try (ZipFile file = new ZipFile(zip.toFile())) {
            assertThat(file.stream().map(ZipEntry::getName)).containsExactly(CONFIG, WEIGHTS);
        }
    }

    @Test
    void theSameAdapterIsTheSameBytes() throws IOException {
        AdapterZip.pack(peft, zip, Stop.NEVER);
        Path again = dir.resolve("again.zip");
        AdapterZip.pack(peft, again, Stop.NEVER);
        assertThat(again).hasSameBinaryContentAs(zip);
    }

    @Test
    void anIncompleteAdapterLeavesNoZip() throws IOException {
        Files.delete(peft.resolve(WEIGHTS));
        assertThatThrownBy(() -> AdapterZip.pack(peft, zip, Stop.NEVER)).isInstanceOf(IOException.class);
        assertThat(zip).doesNotExist();
    }

    @Test
    void entriesThatAreNotAskedForStayInside() throws IOException {
        write(zip, List.of(CONFIG, WEIGHTS, "../escaped", "/tmp/escaped", "pickle.bin"));
        Path unpacked = dir.resolve("unpacked");
        AdapterZip.unpack(zip, unpacked, Stop.NEVER);
        try (Stream<Path> files = Files.list(unpacked)) {
            assertThat(files.map(Path::getFileName).map(Path::toString)).containsExactlyInAnyOrder(CONFIG, WEIGHTS);
        }
        assertThat(dir.resolve("escaped")).doesNotExist();
    }

    @Test
    void anEntryThatUnpacksToMoreThanItMayIsRefused() throws IOException {
        Files.write(peft.resolve(CONFIG), new byte[(1 << 20) + 1]);
        AdapterZip.pack(peft, zip, Stop.NEVER);
        assertThat(zip).satisfies(file -> assertThat(Files.size(file)).isLessThan(10_000));
        assertThatThrownBy(() -> AdapterZip.unpack(zip, dir.resolve("unpacked"), Stop.NEVER))
                .isInstanceOf(ZipException.class)
                .hasMessage("adapter_config.json in the zip has more than 1048576 bytes");
    }

    @Test
    void aZipWithoutTheWeightsAndAFileThatIsNoZipAreRefused() throws IOException {
        write(zip, List.of(CONFIG));
        assertThatThrownBy(() -> AdapterZip.unpack(zip, dir.resolve("unpacked"), Stop.NEVER))
                .isInstanceOf(ZipException.class)
                .hasMessage("The zip has no adapter_model.safetensors");
        Files.write(zip, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> AdapterZip.unpack(zip, dir.resolve("unpacked"), Stop.NEVER))
                .isInstanceOf(ZipException.class);
    }

    private static void write(Path zip, List<String> names) throws IOException {
        try (OutputStream file = Files.newOutputStream(zip);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (String name : names) {
                out.putNextEntry(new ZipEntry(name));
                out.write('x');
                out.closeEntry();
            }
        }
    }
}
