package dev.tunegate.gateway.inference;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Has each event name a model otherwise, and none repeat a key.
 *
 * @param name null to leave the model's name as it is
 * @param key what is not to be repeated, null for nothing
 */
record RenamedLines(@Nullable ModelName name, @Nullable String key) implements UnaryOperator<Buffer> {
    static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

    @Override
    public Buffer apply(Buffer line) {
        Buffer text = withoutKey(line);
        if (name == null || !isData(text)) {
            return text;
        }
        return Buffer.buffer(DATA).appendBuffer(name.in(text.getBuffer(DATA.length, text.length())));
    }

    static boolean isData(Buffer line) {
        return line.length() >= DATA.length && Arrays.equals(line.getBytes(0, DATA.length), DATA);
    }

    private Buffer withoutKey(Buffer text) {
        if (key == null) {
            return text;
        }
        String sent = text.toString();
        return sent.contains(key) ? Buffer.buffer(sent.replace(key, "****")) : text;
    }
}
