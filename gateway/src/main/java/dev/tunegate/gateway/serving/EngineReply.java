package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Stream;

/** An engine's whole answer. */
record EngineReply(int status, Buffer body) {
    private static final int LONGEST_QUOTE = 300;
    private static final Set<Integer> BUSY = Set.of(408, 425, 429, 502, 503, 504);

    boolean isOk() {
        return status >= 200 && status < 300;
    }

    /** Missing where the body is no JSON. */
    JsonNode json() {
        try {
            return Json.MAPPER.readTree(body.getBytes());
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory cannot fail", e);
        }
    }

    /** What it says is wrong, in its own words: each engine has another place for them. */
    String words() {
        JsonNode json = json();
        String words = Stream.of("/error/message", "/error", "/detail", "/message")
                .map(json::at)
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .findFirst()
                .orElseGet(body::toString);
        String clean = words.replaceAll("\\p{Cntrl}+", " ").strip();
        return clean.length() <= LONGEST_QUOTE ? clean : clean.substring(0, LONGEST_QUOTE) + "…";
    }

    /** The list at that place of the answer; throws what is wrong where there is none. */
    JsonNode list(String place, String what) {
        if (!isOk()) {
            throw problem(what);
        }
        JsonNode items = json().at(place);
        if (!items.isArray()) {
            throw EngineProblem.lasting(
                    what + " was answered with something else than a list; does base_url lead to it?");
        }
        return items;
    }

    /** What a refusal amounts to. */
    EngineProblem problem(String what) {
        String message = what + " was answered with " + status + (words().isEmpty() ? "" : ": " + words());
        if (status == 401 || status == 403) {
            return EngineProblem.lasting(message + ". Its key belongs at api_key in the serving entry");
        }
        return BUSY.contains(status) ? EngineProblem.passing(message) : EngineProblem.lasting(message);
    }
}
