package dev.tunegate.gateway.cli.demo.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A question and its only right answer.
 *
 * @param stages MongoDB aggregation stages as JSON without spaces; keys in the order of {@link Scooters}' fields
 */
public record DemoExample(String question, String stages) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The example as one line of a fine-tuning file. */
    public String toJsonLine() {
        ObjectNode line = JSON.createObjectNode();
        ArrayNode messages = line.putArray("messages");
        messages.addObject().put("role", "user").put("content", question);
        messages.addObject().put("role", "assistant").put("content", stages);
        return line.toString();
    }
}
