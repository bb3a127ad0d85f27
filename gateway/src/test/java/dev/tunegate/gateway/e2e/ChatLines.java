package dev.tunegate.gateway.e2e;

import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Small training files in the chat format. */
public final class ChatLines {
    private ChatLines() {}

    /** One line: the question with this number and its answer. */
    static String line(int number) {
        return """
                {"messages": [{"role": "user", "content": "Say %1$d."}, {"role": "assistant", "content": "It is %1$d."}]}""".formatted(number);
    }

    public static byte[] of(int count) {
        return lines(count, ChatLines::line);
    }

    /** Lines as long as the starter's context, for steps that take a while on any machine. */
    public static byte[] longOnes(int count) {
        return lines(count, number ->
                """
                {"messages": [{"role": "user", "content": "Count to %d."}, {"role": "assistant", "content": "%s"}]}""".formatted(number, "It is %d. ".formatted(number).repeat(80)));
    }

    /** Preference lines: "yes" is preferred to "no" as the answer to everything. */
    public static byte[] preferences(int count) {
        return lines(count, number -> """
                {"input": {"messages": [{"role": "user", "content": "Is %d a number?"}]}, \
                "preferred_output": [{"role": "assistant", "content": "yes"}], \
                "non_preferred_output": [{"role": "assistant", "content": "no"}]}""".formatted(number));
    }

    private static byte[] lines(int count, IntFunction<String> line) {
        return IntStream.range(0, count)
                .mapToObj(line)
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
