package dev.tunegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnicodeTest {
    private static final char[] CHARACTERS = {'a', '\u00e9', '\ud800', '\udbff', '\udc00', '\udfff', '\ue000'};

    @Test
    void itAgreesWithTheEncoderOfUtf8() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            char[] text = new char[random.nextInt(6)];
            for (int j = 0; j < text.length; j++) {
                text[j] = CHARACTERS[random.nextInt(CHARACTERS.length)];
            }
            String tried = new String(text);
            assertThat(Unicode.isWellFormed(tried))
                    .as("%s", tried.chars().mapToObj(Integer::toHexString).toList())
                    .isEqualTo(StandardCharsets.UTF_8.newEncoder().canEncode(tried));
        }
    }
}
