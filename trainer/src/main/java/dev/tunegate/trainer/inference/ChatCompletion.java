package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A whole answer, in OpenAI's shape and order of fields. */
record ChatCompletion(
        String id,
        String object,
        long created,
        String model,
        List<Choice> choices,
        Usage usage,
        String serviceTier,
        String systemFingerprint) {

    record Choice(int index, Message message, @Nullable LogProbs logprobs, String finishReason) {}

    record Message(
            String role,
            @Nullable String content,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ToolCall> toolCalls,
            @Nullable String refusal,
            List<Object> annotations) {

        static Message assistant(String content, List<ToolCall> toolCalls) {
            boolean wordless = content.isBlank() && !toolCalls.isEmpty();
            return new Message("assistant", wordless ? null : content, toolCalls, null, List.of());
        }
    }

    record ToolCall(String id, String type, Function function) {
        record Function(String name, String arguments) {}

        static ToolCall of(String name, String arguments) {
            return new ToolCall(Ids.next("call_", 24), "function", new Function(name, arguments));
        }
    }

    record Usage(
            int promptTokens,
            int completionTokens,
            int totalTokens,
            PromptTokensDetails promptTokensDetails,
            CompletionTokensDetails completionTokensDetails) {

        record PromptTokensDetails(int cachedTokens, int audioTokens) {}

        record CompletionTokensDetails(
                int reasoningTokens, int audioTokens, int acceptedPredictionTokens, int rejectedPredictionTokens) {}

        static Usage of(int promptTokens, int completionTokens) {
            return new Usage(
                    promptTokens,
                    completionTokens,
                    promptTokens + completionTokens,
                    new PromptTokensDetails(0, 0),
                    new CompletionTokensDetails(0, 0, 0, 0));
        }
    }

    /**
     * A piece of a streamed answer.
     *
     * @param usage absent unless the client asked for it; then JSON null in all pieces but the last
     */
    record Chunk(
            String id,
            String object,
            long created,
            String model,
            String serviceTier,
            String systemFingerprint,
            List<ChunkChoice> choices,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            JsonNode usage) {}

    record ChunkChoice(
            int index,
            ObjectNode delta,
            @Nullable LogProbs logprobs,
            @Nullable String finishReason) {}
}
