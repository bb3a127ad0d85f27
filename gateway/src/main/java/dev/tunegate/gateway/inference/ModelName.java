package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** Puts another name where a JSON object says which model it is about, and leaves every other byte as it is. */
final class ModelName {
    private static final JsonFactory JSON = new JsonFactory();

    private final byte[] quoted;

    ModelName(String name) {
        byte[] escaped = JsonStringEncoder.getInstance().quoteAsUTF8(name);
        this.quoted = Buffer.buffer()
                .appendByte((byte) '"')
                .appendBytes(escaped)
                .appendByte((byte) '"')
                .getBytes();
    }

    /** Puts the name into an object. One that names no model, or that is no object at all, stays as it was. */
    Buffer in(Buffer json) {
        try (JsonParser parser = JSON.createParser(json.getBytes())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return json;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean isModel = parser.currentName().equals("model");
                JsonToken value = parser.nextToken();
                if (isModel && value == JsonToken.VALUE_STRING) {
                    return replaced(json, parser);
                }
                parser.skipChildren();
            }
            return json;
        } catch (IOException e) {
            return json;
        }
    }

    private Buffer replaced(Buffer json, JsonParser at) throws IOException {
        int begin = (int) at.currentTokenLocation().getByteOffset();
        at.getText(); // this reads the name to its end
        int end = (int) at.currentLocation().getByteOffset();
        return Buffer.buffer(json.length() + quoted.length)
                .appendBuffer(json, 0, begin)
                .appendBytes(quoted)
                .appendBuffer(json, end, json.length() - end);
    }
}
