package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields that OpenAI documents for a chat request, at every depth. Hosts that speak OpenAI's API take others, too, by
 * which a request can say where it goes, with which key, or what else is done to it.
 */
final class DocumentedFields {
    /** Text, number, truth or null, or a list of them. */
    private static final Shape VALUE = new Shape(Map.of(), null, false);

    /** Members of any name that are values. */
    private static final Shape VALUES = new Shape(Map.of(), VALUE, false);

    /** What is the client's own from here on: a JSON schema. */
    private static final Shape FREE = new Shape(Map.of(), null, true);

    private static final Shape FUNCTION = members("name description strict").with("parameters", FREE);
    private static final Shape CACHE = members("mode ttl");

    private static final Shape CONTENT = members("type text refusal")
            .with("image_url", members("url detail"))
            .with("input_audio", members("data format"))
            .with("file", members("file_data file_id filename"))
            .with("prompt_cache_breakpoint", CACHE);

    /** A client may send what it was answered, with all that was in it. */
    private static final Shape MESSAGE = members("role name refusal tool_call_id")
            .with("content", CONTENT)
            .with("audio", members("id data expires_at transcript"))
            .with("function_call", members("name arguments"))
            .with(
                    "tool_calls",
                    members("id type index")
                            .with("function", members("name arguments"))
                            .with("custom", members("name input")))
            .with("annotations", members("type").with("url_citation", members("start_index end_index title url")));

    private static final Shape TOOL = members("type")
            .with("function", FUNCTION)
            .with(
                    "custom",
                    members("name description")
                            .with("format", members("type").with("grammar", members("definition syntax"))));

    private static final Shape NAMED_TOOL =
            members("type name").with("function", members("name")).with("custom", members("name"));

    private static final Shape REQUEST = members(
                    "model frequency_penalty logprobs max_completion_tokens max_tokens modalities n"
                            + " parallel_tool_calls presence_penalty prompt_cache_key prompt_cache_retention"
                            + " reasoning_effort safety_identifier seed service_tier stop store stream temperature"
                            + " top_logprobs top_p user verbosity")
            .with("messages", MESSAGE)
            .with("audio", members("format voice"))
            .with("function_call", members("name"))
            .with("functions", FUNCTION)
            .with("logit_bias", VALUES)
            .with("metadata", VALUES)
            .with("moderation", members("model policy"))
            .with("prediction", members("type").with("content", CONTENT))
            .with("prompt_cache_options", CACHE)
            .with(
                    "response_format",
                    members("type")
                            .with(
                                    "json_schema",
                                    members("name description strict").with("schema", FREE)))
            .with("stream_options", members("include_usage include_obfuscation"))
            .with(
                    "tool_choice",
                    NAMED_TOOL.with("allowed_tools", members("mode").with("tools", NAMED_TOOL)))
            .with("tools", TOOL)
            .with(
                    "web_search_options",
                    members("search_context_size")
                            .with(
                                    "user_location",
                                    members("type").with("approximate", members("city country region timezone"))));

    private DocumentedFields() {}

    /**
     * What may stand at one place; a list has it in each of its items.
     *
     * @param others what members of other names may be; null where there may be none
     * @param isFree whether anything may stand there
     */
    private record Shape(
            Map<String, Shape> members, @Nullable Shape others, boolean isFree) {
        Shape with(String name, Shape shape) {
            Map<String, Shape> more = new HashMap<>(members);
            more.put(name, shape);
            return new Shape(Map.copyOf(more), others, isFree);
        }

        @Nullable
        Shape of(String name) {
            return members.getOrDefault(name, others);
        }
    }

    /** The names of members that are values. */
    private static Shape members(String names) {
        return new Shape(
                Arrays.stream(names.split(" ")).collect(Collectors.toMap(name -> name, name -> VALUE)), null, false);
    }

    /**
     * The first field that OpenAI does not know, as {@code messages[0].name}.
     *
     * @param isTaken says which other names may stand anywhere, with anything in them
     */
    static Optional<String> firstOther(ObjectNode request, Predicate<String> isTaken) {
        return Optional.ofNullable(firstOther(request, REQUEST, isTaken));
    }

    private static @Nullable String firstOther(JsonNode node, Shape shape, Predicate<String> isTaken) {
        if (shape.isFree()) {
            return null;
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            String below = firstOther(node.get(i), shape, isTaken);
            if (below != null) {
                return "[" + i + "]" + (below.startsWith("[") ? below : "." + below);
            }
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            String name = member.getKey();
            Shape inner = shape.of(name);
            if (inner == null && !isTaken.test(name)) {
                return name;
            }
            String below = inner == null ? null : firstOther(member.getValue(), inner, isTaken);
            if (below != null) {
                return name + (below.startsWith("[") ? below : "." + below);
            }
        }
        return null;
    }
}
