package dev.tunegate.gateway.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartParserTest {
    private static final String FORM = """
            a preamble that nobody reads\r
            --b\r
            Content-Disposition: form-data; name="one"\r
            \r
            first\r
            --b  \r
            content-type: text/plain\r
            CONTENT-DISPOSITION: form-data; name="two"; filename="x.txt"\r
            \r
            \r
            --B\r
            -\r
            --b\r
            Content-Disposition: form-data; name=three\r
            \r
            \r
            --b\r
            \r
            no headers\r
            --b--\r
            an epilogue
            """;

    @Test
    void theSamePartsComeOutHoweverTheBytesArrive() {
        List<String> whole = parse(FORM, FORM.length());
        assertThat(whole)
                .containsExactly("one/null=first", "two/x.txt=\r\n--B\r\n-", "three/null=", "/null=no headers");
        for (int size = 1; size < FORM.length(); size++) {
            assertThat(parse(FORM, size)).as("in chunks of %d bytes", size).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--b", "--b\r\n", "--b\r\nX: y\r\n\r\ntext", "--b\r\nX: y\r\n\r\ntext\r\n--b", "--c--"})
    void aFormWithoutItsClosingBoundaryIsBroken(String form) {
        assertThatThrownBy(() -> parse(form, 3)).isInstanceOf(MalformedMultipart.class);
    }

    @Test
    void textBehindABoundaryIsBroken() {
        assertThatThrownBy(() -> parse("--bcd\r\n", 100))
                .isInstanceOf(MalformedMultipart.class)
                .hasMessageContaining("line end");
    }

    @Test
    void headersHaveALimit() {
        assertThatThrownBy(() -> parse("--b\r\nX: " + "y".repeat(20_000), 1000))
                .isInstanceOf(MalformedMultipart.class)
                .hasMessageContaining("8192");
    }

    @Test
    void partsHaveALimit() {
        String part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n";
        assertThat(parse(part.repeat(MultipartParser.MOST_PARTS) + "--b--", 100))
                .hasSize(MultipartParser.MOST_PARTS);
        assertThatThrownBy(() -> parse(part.repeat(MultipartParser.MOST_PARTS + 1) + "--b--", 100))
                .isInstanceOf(MalformedMultipart.class)
                .hasMessage("it has more than 20 parts");
    }

    @Test
    void blanksBehindABoundaryHaveALimit() {
        assertThatThrownBy(() -> parse("--b" + " ".repeat(20_000), 1000)).isInstanceOf(MalformedMultipart.class);
    }

    /** A matcher that takes a stack frame for each character would end the request without an answer. */
    @ParameterizedTest
    @ValueSource(strings = {"\\\"", "x", "\\x", ";", "; a=", " "})
    void aNameMayBeAsLongAsHeadersAre(String piece) {
        String name = piece.repeat(8_000 / piece.length());
        assertThat(PartHeader.parse("Content-Disposition: form-data; name=\"" + name + "\"")
                        .name())
                .isEqualTo(name.replace("\\\"", "\""));
        assertThat(PartHeader.parse("Content-Disposition: form-data; name=\"" + name)
                        .filename())
                .isNull();
    }

    /** Twenty times the work for twenty times the parts, whatever size the pieces have in which they come. */
    @Test
    void theSmallestPiecesOfTheLargestHeadersAreDealtWithQuickly() {
        String part = "--b\r\nX: " + "y".repeat(8_000) + "\r\n\r\n\r\n";
        assertTimeoutPreemptively(
                Duration.ofSeconds(5), () -> parse(part.repeat(MultipartParser.MOST_PARTS) + "--b--", 1));
    }

    private static List<String> parse(String form, int chunk) {
        List<String> parts = new ArrayList<>();
        MultipartParser parser = new MultipartParser("b", new MultipartParser.Listener() {
            private StringBuilder part = new StringBuilder();

            @Override
            public void partBegins(PartHeader header) {
                part = new StringBuilder(header.name() + "/" + header.filename() + "=");
            }

            @Override
            public void partData(Buffer data) {
                part.append(data.toString(StandardCharsets.ISO_8859_1));
            }

            @Override
            public void partEnds() {
                parts.add(part.toString());
            }
        });
        for (int at = 0; at < form.length(); at += chunk) {
            parser.feed(Buffer.buffer(form.substring(at, Math.min(form.length(), at + chunk))));
        }
        parser.end();
        return parts;
    }
}
