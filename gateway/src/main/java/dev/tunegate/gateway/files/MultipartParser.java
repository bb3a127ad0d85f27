package dev.tunegate.gateway.files;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes a multipart body apart while it arrives (RFC 2046, section 5.1). Netty's decoder, which Vert.x uses, keeps every
 * part without a filename in memory, and the Java SDK sends whole files that way; hence our own. Its work and its memory
 * are in proportion to the bytes, whatever they are.
 */
final class MultipartParser {
    static final int MOST_PARTS = 20;

    /** A file's name of 255 characters, each of them percent-encoded, takes three of them. */
    static final int MOST_HEADER_BYTES = 8 * 1024;

    private static final byte[] END_OF_HEADERS = ascii("\r\n\r\n");
    private static final byte[] LINE_END = ascii("\r\n");

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
    private int parts;
    /**
     * Its bytes from {@code begin} to {@code end} were received and not yet dealt with. They begin with a line end, so that
     * the first delimiter does so as all others do.
     */
    private byte[] rest = LINE_END.clone();

    private int begin;
    private int end = LINE_END.length;
    /** So many of them are known not to begin what ends a part's headers. */
    private int searched;

    MultipartParser(String boundary, Listener listener) {
        this.delimiter = ascii("\r\n--" + boundary);
        this.listener = listener;
    }

    /** Parses as far as the bytes go; fails with a {@link MalformedMultipart}. */
    void feed(Buffer chunk) {
        append(chunk);
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

    /** What is left over is as long as a part's headers at most: only so much is ever moved. */
    private void append(Buffer chunk) {
        int left = end - begin;
        if (end + chunk.length() > rest.length) {
            byte[] into = left + chunk.length() > rest.length ? new byte[2 * left + chunk.length()] : rest;
            System.arraycopy(rest, begin, into, 0, left);
            rest = into;
            begin = 0;
            end = left;
        }
        chunk.getBytes(rest, end);
        end += chunk.length();
    }

    private boolean content() {
        int at = indexOf(delimiter, begin);
        int known = at >= 0 ? at : Math.max(begin, end - delimiter.length + 1);
        if (state == State.BODY && known > begin) {
            listener.partData(Buffer.buffer(Arrays.copyOfRange(rest, begin, known)));
        }
        begin = at >= 0 ? at + delimiter.length : known;
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
        int padding = begin;
        while (padding < end && (rest[padding] == ' ' || rest[padding] == '\t')) {
            padding++;
        }
        if (padding - begin > MOST_HEADER_BYTES) {
            throw new MalformedMultipart("a boundary is followed by more than " + MOST_HEADER_BYTES + " blanks");
        }
        if (end < padding + 2) {
            return false;
        }
        if (rest[padding] == '-' && rest[padding + 1] == '-') {
            state = State.EPILOGUE;
        } else if (rest[padding] == '\r' && rest[padding + 1] == '\n') {
            begin = padding; // the line end stays: it is the first half of an empty line
            searched = 0;
            beginPart();
        } else {
            throw new MalformedMultipart("a boundary is followed by something else than a line end");
        }
        return true;
    }

    private void beginPart() {
        if (++parts > MOST_PARTS) {
            throw new MalformedMultipart("it has more than " + MOST_PARTS + " parts");
        }
        state = State.HEADERS;
    }

    private boolean headers() {
        int at = indexOf(END_OF_HEADERS, begin + searched);
        if ((at >= 0 ? at : end) - begin > MOST_HEADER_BYTES) {
            throw new MalformedMultipart("a part has more than " + MOST_HEADER_BYTES + " bytes of headers");
        }
        if (at < 0) {
            searched = Math.max(0, end - begin - END_OF_HEADERS.length + 1);
            return false;
        }
        PartHeader header = PartHeader.parse(new String(rest, begin, at - begin, StandardCharsets.UTF_8));
        begin = at + END_OF_HEADERS.length;
        state = State.BODY;
        listener.partBegins(header);
        return true;
    }

    private boolean drop() {
        begin = 0;
        end = 0;
        return false;
    }

    private int indexOf(byte[] wanted, int from) {
        int last = end - wanted.length;
        for (int i = from; i <= last; i++) {
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
