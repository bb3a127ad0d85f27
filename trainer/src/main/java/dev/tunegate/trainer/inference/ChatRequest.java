package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.generation.SamplingOptions;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A chat completion request whose every field has been checked.
 *
 * @param messages at least one, in OpenAI's form
 * @param tools as the client gave them; null when there are none or they must not be used
 * @param maxTokens the answer's longest length where the client set one
 * @param n how many answers are wanted
 */
record ChatRequest(
        String model,
        ArrayNode messages,
        @Nullable ArrayNode tools,
        SamplingOptions sampling,
        @Nullable Integer maxTokens,
        int n,
        boolean stream,
        boolean includeUsage) {

    static final int MOST_ANSWERS = 8;

    private static final Set<String> USED = Set.of(
            "model",
            "messages",
            "tools",
            "tool_choice",
            "temperature",
            "top_p",
            "n",
            "stream",
            "stream_options",
            "stop",
            "max_tokens",
            "max_completion_tokens",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "logprobs",
            "top_logprobs",
            "seed",
            "response_format");

    /** These change nothing about what a local model answers; the last two are LiteLLM's. */
    private static final Set<String> HARMLESS = Set.of(
            "user",
            "store",
            "metadata",
            "service_tier",
            "parallel_tool_calls",
            "safety_identifier",
            "prompt_cache_key",
            "prompt_cache_retention",
            "reasoning_effort",
            "verbosity",
            "prediction",
            "custom_llm_provider",
            "target_model_names");

    private static final Set<String> KNOWN =
            Set.copyOf(Stream.concat(USED.stream(), HARMLESS.stream()).toList());

    /** @throws RequestError naming the first field that is wrong */
    static ChatRequest read(JsonNode body) {
        if (!(body instanceof ObjectNode object)) {
            throw RequestError.notJson();
        }
        Fields fields = new Fields(object);
        String model = Fields.text(fields.required("model"), "model");
        ArrayNode messages = ChatMessages.read(fields.required("messages"));
        fields.refuseOthers(KNOWN);
        refuseJsonMode(fields);
        boolean stream = fields.flag("stream");
        Integer maxTokens = SamplingFields.maxTokens(fields);
        Integer n = fields.integer("n", 1, MOST_ANSWERS);
        return new ChatRequest(
                model,
                messages,
                ChatTools.read(fields),
                SamplingFields.read(fields, maxTokens),
                maxTokens,
                n == null ? 1 : n,
                stream,
                includeUsage(fields, stream));
    }

    private static boolean includeUsage(Fields fields, boolean stream) {
        JsonNode options = fields.value("stream_options");
        if (options == null) {
            return false;
        }
        if (!(options instanceof ObjectNode object)) {
            throw Fields.wrongType("stream_options", "an object", options);
        }
        if (!stream) {
            throw RequestError.invalid(
                    "The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", null);
        }
        return new Fields(object).flag("include_usage");
    }

    private static void refuseJsonMode(Fields fields) {
        JsonNode format = fields.value("response_format");
        if (format != null && !format.path("type").asText().equals("text")) {
            throw RequestError.invalid(
                    "Invalid parameter: 'response_format' of type '%s' is not supported with this model."
                            .formatted(format.path("type").asText()),
                    "response_format",
                    null);
        }
    }
}
