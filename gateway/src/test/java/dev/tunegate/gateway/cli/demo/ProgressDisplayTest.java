package dev.tunegate.gateway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private Instant now = Instant.EPOCH;
    private final InstantSource clock = () -> now;

    @Test
    void redrawsOneLineOnATerminal() {
        ProgressDisplay display = new ProgressDisplay(out, true, clock);
        display.show(new Progress(50, 100, 1.2344, Duration.ofSeconds(7)));
        display.show(new Progress(100, 100, 0.5, null));
        display.end();
        String half = "█".repeat(15) + "░".repeat(15);
        String full = "█".repeat(30);
        assertThat(printed())
                .isEqualTo("\r  " + half + " step 50/100  loss 1.234  7 s left\u001b[K" + "\r  " + full
                        + " step 100/100  loss 0.500\u001b[K" + System.lineSeparator());
    }

    @Test
    void drawsNothingForAStepAlreadyShown() {
        ProgressDisplay display = new ProgressDisplay(out, true, clock);
        display.show(new Progress(1, 2, 1, null));
        int length = printed().length();
        display.show(new Progress(1, 2, 1, null));
        assertThat(printed()).hasSize(length);
    }

    @Test
    void elsewherePrintsAPlainLineEveryFiveSecondsAndTheLastStep() {
        ProgressDisplay display = new ProgressDisplay(out, false, clock);
        display.show(new Progress(1, 9, 3, null));
        now = now.plusSeconds(4);
        display.show(new Progress(2, 9, 2, null));
        now = now.plusSeconds(1);
        display.show(new Progress(3, 9, 1, null));
        display.show(new Progress(9, 9, 0.5, null));
        display.end();
        assertThat(printed().lines())
                .containsExactly("  step 1/9  loss 3.000", "  step 3/9  loss 1.000", "  step 9/9  loss 0.500");
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
