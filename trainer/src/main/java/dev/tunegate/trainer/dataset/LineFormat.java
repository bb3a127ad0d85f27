package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The forms a line can have; the first line decides for its file. */
enum LineFormat {
    /** {@code {messages, tools?, …}} with an assistant's message to learn. */
    CHAT("fine-tune-chat", TrainingMethod.SUPERVISED),
    /** {@code {prompt, completion}}. */
    COMPLETION("fine-tune-completion", TrainingMethod.SUPERVISED),
    /** {@code {input, preferred_output, non_preferred_output}}. */
    PREFERENCE("fine-tune-preference", TrainingMethod.DPO),
    /** {@code {messages, …}} that ends before the answer, with what graders need. */
    REINFORCEMENT("fine-tune-reinforcement", TrainingMethod.REINFORCEMENT);

    private static final Set<String> CHAT_KEYS =
            Set.of("messages", "tools", "functions", "parallel_tool_calls", "function_call", "tool_choice");

    private final String apiName;
    private final TrainingMethod method;

    LineFormat(String apiName, TrainingMethod method) {
        this.apiName = apiName;
        this.method = method;
    }

    String apiName() {
        return apiName;
    }

    TrainingMethod method() {
        return method;
    }

    /** The form of a line; null when it has none of them. */
    static @Nullable LineFormat of(JsonNode line) {
        if (line.has("preferred_output") || line.has("non_preferred_output")) {
            return PREFERENCE;
        } else if (line.has("messages")) {
            return isForGraders(line) ? REINFORCEMENT : CHAT;
        }
        return line.has("prompt") && line.has("completion") ? COMPLETION : null;
    }

    // Such a line has keys for the graders and leaves the answer to the model.
    private static boolean isForGraders(JsonNode line) {
        boolean moreKeys = line.properties().stream().anyMatch(field -> !CHAT_KEYS.contains(field.getKey()));
        return moreKeys && !hasAssistant(line.get("messages"));
    }

    private static boolean hasAssistant(JsonNode messages) {
        for (JsonNode message : messages) {
            if (message.path("role").asText().equals("assistant")) {
                return true;
            }
        }
        return false;
    }

    /** Whether a file of this form can be used by a job of that method. */
    boolean suits(TrainingMethod jobMethod) {
        // Reinforcement takes chat lines as well: the answers in them are then for the graders.
        return method == jobMethod || (this == CHAT && jobMethod == TrainingMethod.REINFORCEMENT);
    }
}
