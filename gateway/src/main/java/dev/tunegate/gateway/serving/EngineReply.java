package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.upstream.WholeAnswer;
import java.util.Set;
import java.util.stream.Stream;

/** An engine's whole answer. */
record EngineReply(WholeAnswer answer) {
    private static final int LONGEST_QUOTE = 300;
    private static final Set<Integer> BUSY = Set.of(408, 425, 429, 502, 503, 504);

    int status() {
        return answer.status();
    }

    boolean isOk() {
        return status() >= 200 && status() < 300;
    }

    /** Throws what is wrong where it is a refusal. */
    EngineReply requireOk(String what) {
        if (!isOk()) {
            throw problem(what);
        }
        return this;
    }

    /** Does the same for a deletion, which has nothing left to do where the thing is not there. */
    EngineReply requireGone(String what) {
        return status() == 404 ? this : requireOk(what);
    }

    /** The body as JSON, a missing node where it is none. */
    JsonNode json() {
        return answer.json();
    }

    /** The engine's own words for what is wrong: each engine has another place for them. */
    String words() {
        JsonNode json = json();
        String words = Stream.of("/error/message", "/error", "/detail", "/message")
                .map(json::at)
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .findFirst()
                .orElseGet(() -> answer.body().toString());
        String clean = words.replaceAll("\\p{Cntrl}+", " ").strip();
        return clean.length() <= LONGEST_QUOTE ? clean : clean.substring(0, LONGEST_QUOTE) + "…";
    }

    /** The list at that place of the answer; throws what is wrong where there is none. */
    JsonNode list(String place, String what) {
        JsonNode items = requireOk(what).json().at(place);
        if (!items.isArray()) {
            throw EngineProblem.lasting(
                    what + " was answered with something else than a list; does base_url lead to it?");
        }
        return items;
    }

    /** The problem that a refusal amounts to. */
    EngineProblem problem(String what) {
        String message = what + " was answered with " + status() + (words().isEmpty() ? "" : ": " + words());
        if (status() == 401 || status() == 403) {
            return EngineProblem.lasting(message + ". Its key belongs at api_key in the serving entry");
        }
        return BUSY.contains(status()) ? EngineProblem.passing(message) : EngineProblem.lasting(message);
    }
}
