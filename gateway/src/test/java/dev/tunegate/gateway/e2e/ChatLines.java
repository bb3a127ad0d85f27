package dev.tunegate.gateway.e2e;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Small training files in the chat format. */
final class ChatLines {
    private ChatLines() {}

    /** One line: the question with this number and its answer. */
    static String line(int number) {
        return """
                {"messages": [{"role": "user", "content": "Say %1$d."}, {"role": "assistant", "content": "It is %1$d."}]}""".formatted(number);
    }

    static byte[] of(int count) {
        return IntStream.range(0, count)
                .mapToObj(ChatLines::line)
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
