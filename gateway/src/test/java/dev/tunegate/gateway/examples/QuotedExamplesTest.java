package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The READMEs quote the examples: a comment {@code <!-- example: PauseTest#pause -->} stands above a block of Java that is
 * what stands in that class between {@code // tag::pause[]} and {@code // end::pause[]}.
 */
class QuotedExamplesTest {
    private static final Path HOME = Path.of(System.getProperty("tunegate.home", ".."));
    private static final Path EXAMPLES = HOME.resolve("gateway/src/test/java/dev/tunegate/gateway/examples");
    private static final List<String> PAGES = List.of("README.md", "gateway/README.md", "trainer/README.md");

    private static final Pattern TAG =
            Pattern.compile("^ *// tag::([a-z-]+)\\[]\n(.*?)^ *// end::\\1\\[]$", Pattern.MULTILINE | Pattern.DOTALL);
    /** A marker, and the block right below it, if there is one. */
    private static final Pattern QUOTE = Pattern.compile(
            "^ *<!-- example: (\\S*) -->$(?:\n *```java\n(.*?)^ *```$)?", Pattern.MULTILINE | Pattern.DOTALL);

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "gateway/README.md", "trainer/README.md"})
    void quotesAreTheExamplesThemselves(String page) throws IOException {
        Map<String, String> examples = examples();
        for (MatchResult quote : quotes(page)) {
            String name = quote.group(1);
            assertThat(examples).as("the examples that %s may quote", page).containsKey(name);
            String expected = "```java\n" + examples.get(name) + "```";
            String quoted = quote.group(2) == null ? "no block of Java" : "```java\n" + quote.group(2) + "```";
            assertThat(quoted)
                    .withFailMessage("%s: below <!-- example: %s --> should stand%n%s", page, name, expected)
                    .isEqualTo(expected);
        }
    }

    @Test
    void everyExampleIsQuoted() throws IOException {
        List<String> quoted = PAGES.stream()
                .flatMap(page -> quotes(page).stream())
                .map(quote -> quote.group(1))
                .toList();
        assertThat(quoted).containsAll(examples().keySet());
    }

    /** The tagged lines without their common indentation, by {@code Class#tag}. */
    private static Map<String, String> examples() throws IOException {
        Map<String, String> examples = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file : files.sorted().toList()) {
                String type = file.getFileName().toString().replace(".java", "");
                TAG.matcher(read(file))
                        .results()
                        .forEach(tag -> examples.put(
                                type + "#" + tag.group(1),
                                tag.group(2).stripTrailing().stripIndent() + "\n"));
            }
        }
        assertThat(examples).isNotEmpty();
        return examples;
    }

    private static List<MatchResult> quotes(String page) {
        return QUOTE.matcher(read(HOME.resolve(page))).results().toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
