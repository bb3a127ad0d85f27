package dev.tunegate.gateway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SideBySideTest {
    @Test
    void putsTwoShortTextsOnOneLine() {
        assertThat(SideBySide.lines("left", "right")).containsExactly("  left" + " ".repeat(42) + " │ right");
    }

    @Test
    void wrapsTheLongerTextAndLeavesTheOtherColumnBlank() {
        String words = "word ".repeat(20).strip();
        assertThat(SideBySide.lines("", words))
                .hasSize(3)
                .allMatch(line -> line.startsWith(" ".repeat(48) + " │ word"))
                .allMatch(line -> line.length() <= 2 + 46 + 3 + 46);
    }

    @Test
    void breaksAWordThatIsLongerThanTheColumn() {
        assertThat(SideBySide.lines("x".repeat(50), ""))
                .containsExactly("  " + "x".repeat(46) + " │ ", "  xxxx" + " ".repeat(42) + " │ ");
    }

    @Test
    void showsNoControlCharactersOfTheModels() {
        assertThat(SideBySide.lines("\u001b[2Ja\u0007", "\u0000b").get(0))
                .startsWith("  ·[2Ja· ")
                .endsWith("│ ·b");
    }

    @Test
    void keepsAnAnswerOfManyLinesInsideItsColumn() {
        assertThat(SideBySide.lines("a\n\nb", "c")).containsExactly("  a b" + " ".repeat(43) + " │ c");
    }
}
