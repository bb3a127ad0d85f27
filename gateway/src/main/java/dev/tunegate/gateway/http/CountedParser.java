package dev.tunegate.gateway.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Counts values and depth while they are read, before a tree is made of them: in memory an empty object takes forty times
 * the two bytes that it takes in a body.
 */
final class CountedParser extends JsonParserDelegate {
    static final int MOST_VALUES = 200_000;
    static final int DEEPEST = 100;

    /** What a value takes in memory beside its text. */
    private static final int BYTES_A_VALUE = 200;

    private static final int VALUES_AT_ONCE = 256;

    private final MemoryBudget.Lease lease;
    private int values;
    private int depth;

    /** @param lease what the values take in memory is taken from it */
    CountedParser(JsonParser parser, MemoryBudget.Lease lease) {
        super(parser);
        this.lease = lease;
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        JsonToken token = delegate.nextToken();
        if (token == null) {
            return null;
        }
        switch (token) {
            case FIELD_NAME -> {}
            case END_OBJECT, END_ARRAY -> depth--;
            case START_OBJECT, START_ARRAY -> {
                if (++depth > DEEPEST) {
                    throw JsonFault.at(currentTokenLocation(), "it is nested deeper than " + DEEPEST + " levels");
                }
                count();
            }
            default -> count();
        }
        return token;
    }

    private void count() {
        if (++values > MOST_VALUES) {
            throw JsonFault.at(
                    currentTokenLocation(), "it has more than " + MOST_VALUES + " values, objects and lists included");
        }
        if (values % VALUES_AT_ONCE == 0) {
            lease.take((long) VALUES_AT_ONCE * BYTES_A_VALUE);
        }
    }
}
