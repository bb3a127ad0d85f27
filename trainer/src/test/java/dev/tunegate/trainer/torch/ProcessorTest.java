package dev.tunegate.trainer.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
    @ParameterizedTest
    @CsvSource({
        "AuthenticAMD, fma avx2 rdpid, false, product_onednn.py",
        "AuthenticAMD, avx2 avx512_bf16 gfni, true, product_onednn.py",
        "HygonGenuine, avx2, false, product_onednn.py",
        "GenuineIntel, avx512f avx512_bf16 amx_tile, true, product.py",
        "GenuineIntel, avx512f amx_bf16, true, product.py",
        "GenuineIntel, avx512f avx512_vnni, false, product.py",
    })
    void whatLinuxSaysOfIt(String vendor, String flags, boolean bfloat16, String products) {
        var processor = new Processor("processor\t: 0\nvendor_id\t: %s\nflags\t\t: fpu %s\n".formatted(vendor, flags));
        assertThat(processor.multipliesBfloat16()).isEqualTo(bfloat16);
        assertThat(Products.inFloat32(processor)).endsWith("/" + products);
    }

    @ParameterizedTest
    @CsvSource({"''", "'CPU implementer\t: 0x41\nFeatures\t: fp asimd bf16\n'"})
    void nothingIsCountedOnWhereItSaysNothing(String cpuinfo) {
        var processor = new Processor(cpuinfo);
        assertThat(processor.multipliesBfloat16()).isFalse();
        assertThat(Products.inFloat32(processor)).endsWith("/product.py");
    }
}
