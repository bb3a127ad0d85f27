package dev.tunegate.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.training.OutOfMemory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class ErrorsTest {
    private static final String REPORT =
            "[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate"
                    + " memory: you tried to allocate 268435456 bytes. Error code 12 (Cannot allocate memory)";

    @Test
    void runningOutOfMemoryIsOneLineThatSaysWhatToDo() {
        assertThat(lineOf(
                        new OutOfMemory(new Batch(new int[3], new int[] {3}, new int[3]), new EngineException(REPORT))))
                .isEqualTo(
                        "error: out of memory with 3 tokens at once. Use shorter or fewer examples at a time, a smaller"
                                + " rank or model, or end other programs.\n");
    }

    @Test
    void soIsRunningOutOfItWhileAModelIsLoaded() {
        assertThat(lineOf(new EngineException(REPORT)))
                .startsWith("error: out of memory. Use shorter or fewer examples at a time,");
    }

    @Command(name = "failing")
    private record Failing(Exception failure) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw failure;
        }
    }

    private static String lineOf(Exception failure) {
        StringWriter err = new StringWriter();
        int code = new CommandLine(new Failing(failure))
                .setExecutionExceptionHandler(Errors::failed)
                .setErr(new PrintWriter(err, true))
                .execute();
        assertThat(code).isEqualTo(1);
        return err.toString();
    }
}
