package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a worker's message member by member. Members it is not asked for are passed over: a newer worker may send more. */
final class MessageReader {
    private final JsonNode message;

    MessageReader(JsonNode message) {
        if (!message.isObject()) {
            throw ApiError.badRequest("An object was expected, not " + ApiError.quoted(message.toString()), null);
        }
        this.message = message;
    }

    boolean has(String name) {
        return !message.path(name).isMissingNode() && !message.path(name).isNull();
    }

    int integer(String name, int min) {
        JsonNode value = message.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < min) {
            throw invalid(name, "an integer of at least " + min);
        }
        return value.intValue();
    }

    @Nullable
    Long optionalCount(String name) {
        if (!has(name)) {
            return null;
        }
        JsonNode value = message.path(name);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            throw invalid(name, "an integer of at least 0");
        }
        return value.longValue();
    }

    /** A length of time; what JSON has for infinity is refused, too. */
    double seconds(String name) {
        JsonNode value = message.path(name);
        if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() < Double.POSITIVE_INFINITY)) {
            throw invalid(name, "a number of at least 0");
        }
        return value.doubleValue();
    }

    /** Not empty; Postgres cannot store null characters, which are replaced. */
    String text(String name) {
        JsonNode value = message.path(name);
        if (!value.isTextual() || value.textValue().isEmpty()) {
            throw invalid(name, "a string");
        }
        return value.textValue().replace('\0', '\uFFFD');
    }

    @Nullable
    String optionalText(String name) {
        return has(name) ? text(name) : null;
    }

    String oneOf(String name, Set<String> allowed) {
        String value = text(name);
        if (!allowed.contains(value)) {
            throw invalid(
                    name,
                    "one of " + String.join(", ", allowed.stream().sorted().toList()));
        }
        return value;
    }

    /** An absent list is an empty one. */
    <T> List<T> list(String name, int max, Function<MessageReader, T> element) {
        List<T> list = new ArrayList<>();
        if (has(name)) {
            JsonNode array = message.path(name);
            if (!array.isArray() || array.size() > max) {
                throw invalid(name, "a list of at most " + max);
            }
            array.forEach(value -> list.add(element.apply(new MessageReader(value))));
        }
        return list;
    }

    /** The numbers of an object; whatever else it has is left out, an absent object is empty. */
    ObjectNode numbers(String name) {
        ObjectNode numbers = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> member : message.path(name).properties()) {
            if (member.getValue().isNumber() && member.getKey().indexOf('\0') < 0) {
                numbers.set(member.getKey(), member.getValue());
            }
        }
        return numbers;
    }

    @Nullable
    MessageReader optionalObject(String name) {
        return has(name) ? new MessageReader(message.path(name)) : null;
    }

    private ApiError invalid(String name, String wanted) {
        JsonNode value = message.path(name);
        String shown = value.isMissingNode() ? "missing" : ApiError.quoted(value.toString());
        return ApiError.badRequest("invalid " + name + ": " + shown + ", must be " + wanted, name);
    }
}
