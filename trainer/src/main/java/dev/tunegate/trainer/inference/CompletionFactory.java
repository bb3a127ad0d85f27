package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.generation.TokenScore;
import dev.tunegate.trainer.inference.ChatCompletion.Choice;
import dev.tunegate.trainer.inference.ChatCompletion.Chunk;
import dev.tunegate.trainer.inference.ChatCompletion.ChunkChoice;
import dev.tunegate.trainer.inference.ChatCompletion.Usage;
import java.time.Instant;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Makes the completion or the chunks that answer one request: all share an id, a time and a model. */
final class CompletionFactory {
    private final String id = Ids.next("chatcmpl-", 29);
    private final long created = Instant.now().getEpochSecond();
    private final ChatRequest request;
    private final IntFunction<String> tokenText;

    /** @param tokenText a single token's text, for log probabilities */
    CompletionFactory(ChatRequest request, IntFunction<String> tokenText) {
        this.request = request;
        this.tokenText = tokenText;
    }

    ChatCompletion completion(List<Choice> choices, Usage usage) {
        return new ChatCompletion(
                id, "chat.completion", created, request.model(), choices, usage, "default", fingerprint());
    }

    Chunk chunk(int index, ObjectNode delta, List<TokenScore> scores, @Nullable String finishReason) {
        LogProbs logprobs = scores.isEmpty() ? null : logprobs(scores);
        return chunk(
                List.of(new ChunkChoice(index, delta, logprobs, finishReason)),
                request.includeUsage() ? NullNode.instance : null);
    }

    Chunk usageChunk(Usage usage) {
        return chunk(List.of(), Json.MAPPER.valueToTree(usage));
    }

    private Chunk chunk(List<ChunkChoice> choices, @Nullable JsonNode usage) {
        return new Chunk(
                id, "chat.completion.chunk", created, request.model(), "default", fingerprint(), choices, usage);
    }

    @Nullable
    LogProbs logprobs(List<TokenScore> scores) {
        return request.sampling().scores().wanted() ? LogProbs.of(scores, tokenText) : null;
    }

    private String fingerprint() {
        return "fp_%010x".formatted(Integer.toUnsignedLong(request.model().hashCode()));
    }
}
