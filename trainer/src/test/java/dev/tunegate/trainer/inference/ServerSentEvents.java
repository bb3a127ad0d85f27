package dev.tunegate.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads OpenAI's stream as strictly as it is written: {@code data: {json}} and a blank line, {@code [DONE]} last. */
final class ServerSentEvents {
    private ServerSentEvents() {}

    static List<JsonNode> read(String body) throws JsonProcessingException {
        assertThat(body).endsWith("\n\n");
        List<String> events = Arrays.asList(body.substring(0, body.length() - 2).split("\n\n", -1));
        assertThat(events).last().isEqualTo("data: [DONE]");
        List<JsonNode> chunks = new ArrayList<>();
        for (String event : events.subList(0, events.size() - 1)) {
            assertThat(event).startsWith("data: ");
            chunks.add(Json.MAPPER.readTree(event.substring("data: ".length())));
        }
        return chunks;
    }

    /** The text of one of the answers. */
    static String content(List<JsonNode> chunks, int index) {
        StringBuilder content = new StringBuilder();
        for (JsonNode chunk : chunks) {
            for (JsonNode choice : chunk.get("choices")) {
                if (choice.get("index").asInt() == index) {
                    content.append(choice.at("/delta/content").asText());
                }
            }
        }
        return content.toString();
    }
}
