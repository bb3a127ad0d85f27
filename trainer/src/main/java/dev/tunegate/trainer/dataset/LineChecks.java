package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Checks what one line says, as far as that needs no tokenizer and no template. */
final class LineChecks {

    private static final int MOST_FUNCTIONS = 128;

    private final Place place;

    LineChecks(Place place) {
        this.place = place;
    }

    void check(JsonNode line, LineFormat format, TrainingMethod method) throws InvalidDataset {
        switch (format) {
            case CHAT -> chat(line, method == TrainingMethod.SUPERVISED);
            case REINFORCEMENT -> chat(line, false);
            case COMPLETION -> completion(line);
            case PREFERENCE -> preference(line);
        }
    }

    private void chat(JsonNode line, boolean needsAssistant) throws InvalidDataset {
        List<String> roles = messages("messages", line.path("messages"));
        if (needsAssistant && !roles.contains("assistant")) {
            throw place.invalid("has no message from the assistant, so there is nothing to learn");
        }
        tools(line);
    }

    private void preference(JsonNode line) throws InvalidDataset {
        JsonNode input = line.path("input");
        if (!input.isObject()) {
            throw place.invalid("has no input; it must be an object with messages");
        }
        messages("input", input.path("messages"));
        tools(input);
        for (String output : List.of("preferred_output", "non_preferred_output")) {
            List<String> roles = messages(output, line.path(output));
            if (!roles.equals(List.of("assistant"))) {
                throw place.invalid("has a %s that is not exactly one message from the assistant".formatted(output));
            }
        }
    }

    private void completion(JsonNode line) throws InvalidDataset {
        if (!line.path("prompt").isTextual() || !line.path("completion").isTextual()) {
            throw place.invalid("has a prompt or completion that is not a string");
        }
        if (line.get("completion").textValue().isEmpty()) {
            throw place.invalid("has an empty completion, so there is nothing to learn");
        }
    }

    private List<String> messages(String list, JsonNode messages) throws InvalidDataset {
        if (!messages.isArray() || messages.isEmpty()) {
            String name = list.equals("input") ? "input.messages" : list;
            throw place.invalid("has %s that are not a list of at least one message".formatted(name));
        }
        List<String> roles = new ArrayList<>();
        for (JsonNode message : messages) {
            String fault = MessageChecks.faultOf(message);
            if (fault != null) {
                throw place.invalidMessage(list, roles.size() + 1, fault);
            }
            roles.add(message.path("role").textValue());
        }
        return roles;
    }

    private void tools(JsonNode line) throws InvalidDataset {
        JsonNode tools = line.path("tools");
        if (!isAbsent(tools)) {
            count("tools", tools, 0);
            for (int i = 0; i < tools.size(); i++) {
                boolean function = tools.get(i).path("type").asText().equals("function");
                if (!function) {
                    throw place.invalid("has a tool %d whose type is not \"function\"".formatted(i + 1));
                }
                function("tool", i, tools.get(i).path("function"));
            }
        }
        JsonNode functions = line.path("functions");
        if (!isAbsent(functions)) {
            count("functions", functions, 1);
            for (int i = 0; i < functions.size(); i++) {
                function("function", i, functions.get(i));
            }
        }
        JsonNode parallel = line.path("parallel_tool_calls");
        if (!isAbsent(parallel) && !parallel.isBoolean()) {
            throw place.invalid("has parallel_tool_calls that are neither true nor false");
        }
    }

    private void count(String name, JsonNode list, int least) throws InvalidDataset {
        if (!list.isArray() || list.size() < least || list.size() > MOST_FUNCTIONS) {
            throw place.invalid("has %s that are not a list of %d to %d".formatted(name, least, MOST_FUNCTIONS));
        }
    }

    private void function(String kind, int index, JsonNode function) throws InvalidDataset {
        JsonNode parameters = function.path("parameters");
        if (!function.path("name").isTextual()) {
            throw place.invalid("has a %s %d without a name".formatted(kind, index + 1));
        }
        if (!isAbsent(parameters) && !parameters.isObject()) {
            throw place.invalid("has a %s %d whose parameters are not an object".formatted(kind, index + 1));
        }
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }
}
