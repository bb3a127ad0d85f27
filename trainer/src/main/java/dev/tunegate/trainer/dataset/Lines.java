package dev.tunegate.trainer.dataset;

import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line, with a bound on how long a line may be. Blank lines are passed over. */
final class Lines implements AutoCloseable {

    /** The longest line has about a million tokens, which is more than any context and little enough to parse in memory. */
    static final int LONGEST = 4 << 20;

    private static final int BUFFER = 1 << 16;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final DataFile file;
    private final Stop stop;
    private final InputStream input;
    private final byte[] buffer = new byte[BUFFER];
    private int bufferAt;
    private int bufferEnd;
    private byte[] line = new byte[BUFFER];
    private int length;
    private long number;
    private int example;

    Lines(DataFile file, Stop stop) throws IOException {
        this.file = file;
        this.stop = stop;
        this.input = Files.newInputStream(file.path());
    }

    /** The next line that is not blank; null at the end. */
    @Nullable
    String next() throws IOException, InvalidDataset {
        while (readLine()) {
            number++;
            example++;
            String text = decode();
            if (!text.isBlank()) {
                return text;
            }
            example--;
        }
        return null;
    }

    /** The place of the line that was returned last. */
    Place place() {
        return new Place(file, example, number);
    }

    /** How many lines have been returned. */
    int examples() {
        return example;
    }

    @Override
    public void close() throws IOException {
        input.close();
    }

    private boolean readLine() throws IOException, InvalidDataset {
        stop.check();
        length = 0;
        boolean any = false;
        while (true) {
            if (bufferAt == bufferEnd) {
                bufferEnd = Math.max(0, input.read(buffer));
                bufferAt = 0;
                if (bufferEnd == 0) {
                    return any;
                }
            }
            any = true;
            int end = bufferAt;
            while (end < bufferEnd && buffer[end] != '\n') {
                end++;
            }
            append(end);
            if (end < bufferEnd) {
                bufferAt = end + 1;
                return true;
            }
            bufferAt = end;
        }
    }

    private void append(int end) throws InvalidDataset {
        int added = end - bufferAt;
        if (length + added > LONGEST) {
            throw new Place(file, example + 1, number + 1)
                    .invalid("is longer than %d MB; a line holds one example".formatted(LONGEST >> 20));
        }
        if (length + added > line.length) {
            line = Arrays.copyOf(line, Math.min(LONGEST, Math.max(line.length * 2, length + added)));
        }
        System.arraycopy(buffer, bufferAt, line, length, added);
        length += added;
    }

    private String decode() throws InvalidDataset {
        boolean marked = number == 1
                && length >= BYTE_ORDER_MARK.length
                && Arrays.equals(line, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
        int start = marked ? BYTE_ORDER_MARK.length : 0;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(line, start, length - start))
                    .toString();
        } catch (CharacterCodingException e) {
            throw place().invalid("is not UTF-8 text; upload JSON Lines, one JSON object a line");
        }
    }
}
