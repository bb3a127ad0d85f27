package dev.tunegate.gateway.files;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes a multipart body apart while it arrives (RFC 2046, section 5.1). Netty's decoder, which Vert.x uses, keeps every
 * part without a filename in memory, and the Java SDK sends whole files that way; hence our own.
 */
final class MultipartParser {
    private static final byte[] END_OF_HEADERS = ascii("\r\n\r\n");
    private static final byte[] LINE_END = ascii("\r\n");
    private static final int MAX_HEADERS = 16 * 1024;
    private static final byte[] NOTHING = new byte[0];

    private enum State {
        PREAMBLE,
        /** A delimiter has been read: two dashes behind it end the body, a line end begins a part. */
        DELIMITER,
        HEADERS,
        BODY,
        EPILOGUE
    }

    /** Receives the parts in order. */
    interface Listener {
        void partBegins(PartHeader header);

        void partData(Buffer data);

        void partEnds();
    }

    private final byte[] delimiter;
    private final Listener listener;
    private State state = State.PREAMBLE;
    /**
     * The bytes that were received and not yet dealt with. They begin with a line end, so that the first delimiter does
     * so as all others do.
     */
    private byte[] rest = LINE_END;

    MultipartParser(String boundary, Listener listener) {
        this.delimiter = ascii("\r\n--" + boundary);
        this.listener = listener;
    }

    /** Parses as far as the bytes go; fails with a {@link MalformedMultipart}. */
    void feed(Buffer chunk) {
        byte[] bytes = chunk.getBytes();
        byte[] joined = Arrays.copyOf(rest, rest.length + bytes.length);
        System.arraycopy(bytes, 0, joined, rest.length, bytes.length);
        rest = joined;
        boolean progress = true;
        while (progress) {
            progress = switch (state) {
                case PREAMBLE, BODY -> content();
                case DELIMITER -> delimiter();
                case HEADERS -> headers();
                case EPILOGUE -> drop();
            };
        }
    }

    /** The body is complete when its closing delimiter has been seen. */
    void end() {
        if (state != State.EPILOGUE) {
            throw new MalformedMultipart("it ends before its closing boundary");
        }
    }

    private boolean content() {
        int at = indexOf(delimiter);
        int known = at >= 0 ? at : Math.max(0, rest.length - delimiter.length + 1);
        if (state == State.BODY && known > 0) {
            listener.partData(Buffer.buffer(Arrays.copyOf(rest, known)));
        }
        consume(at >= 0 ? at + delimiter.length : known);
        if (at < 0) {
            return false;
        }
        if (state == State.BODY) {
            listener.partEnds();
        }
        state = State.DELIMITER;
        return true;
    }

    private boolean delimiter() {
        int padding = 0;
        while (padding < rest.length && (rest[padding] == ' ' || rest[padding] == '\t')) {
            padding++;
        }
        if (rest.length < padding + 2) {
            return false;
        }
        if (rest[padding] == '-' && rest[padding + 1] == '-') {
            state = State.EPILOGUE;
        } else if (rest[padding] == '\r' && rest[padding + 1] == '\n') {
            consume(padding); // the line end stays: it is the first half of an empty line
            state = State.HEADERS;
        } else {
            throw new MalformedMultipart("a boundary is followed by something else than a line end");
        }
        return true;
    }

    private boolean headers() {
        int end = indexOf(END_OF_HEADERS);
        if (end > MAX_HEADERS || (end < 0 && rest.length > MAX_HEADERS)) {
            throw new MalformedMultipart("a part has more than " + MAX_HEADERS + " bytes of headers");
        }
        if (end < 0) {
            return false;
        }
        PartHeader header = PartHeader.parse(new String(rest, 0, end, StandardCharsets.UTF_8));
        consume(end + END_OF_HEADERS.length);
        state = State.BODY;
        listener.partBegins(header);
        return true;
    }

    private boolean drop() {
        rest = NOTHING;
        return false;
    }

    private void consume(int bytes) {
        rest = Arrays.copyOfRange(rest, bytes, rest.length);
    }

    private int indexOf(byte[] wanted) {
        int last = rest.length - wanted.length;
        for (int i = 0; i <= last; i++) {
            if (rest[i] == wanted[0] && Arrays.equals(rest, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
