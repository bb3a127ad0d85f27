package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9}, wherever the training may be at that moment: in a step, or writing its resume state. */
@Timeout(300)
class KilledTrainingTest {
    @TempDir
    Path dir;

    @Test
    void aTrainingKilledAgainAndAgainComesToTheSameLosses() throws Exception {
        List<StepMetrics> uninterrupted = KillableTraining.run(dir.resolve("whole"), step -> {});

        for (int step : new int[] {2, 7, 11}) {
            List<String> lines = start(step);
            assertThat(lines).last().isEqualTo("step " + step);
        }
        List<String> last = start(null);

        List<String> losses =
                last.stream().filter(line -> line.startsWith("loss ")).toList();
        assertThat(last).as("it did not begin anew").doesNotContain("step 9");
        assertThat(losses).hasSize(KillableTraining.STEPS);
        for (int i = 0; i < losses.size(); i++) {
            String[] loss = losses.get(i).split(" ", -1);
            assertThat(Integer.parseInt(loss[1])).isEqualTo(i + 1);
            assertThat(Double.parseDouble(loss[2]))
                    .isCloseTo(uninterrupted.get(i).trainLoss(), within(1e-6));
        }
    }

    /** Lets the training go on, and kills it when it has done a step. Returns the lines that it has printed by then. */
    private List<String> start(@Nullable Integer killAfter) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-DDJL_OFFLINE=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KillableTraining.class.getName(),
                        dir.resolve("killed").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.equals("step " + killAfter)) {
                    break;
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return lines;
    }
}
