package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Encoded;
import dev.tunegate.trainer.text.Rendered;
import dev.tunegate.trainer.text.Span;
import dev.tunegate.trainer.text.Tokenizer;
import dev.tunegate.trainer.text.jinja.TemplateError;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the tokens and the loss mask of a checked line. */
public final class ExampleEncoder {

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final int contextLength;
    private final Stop stop;

    /**
     * Encodes for one model.
     *
     * @param contextLength what an example is cut to, in tokens
     * @param stop ends the reading of a file
     */
    public ExampleEncoder(Tokenizer tokenizer, ChatTemplate template, int contextLength, Stop stop) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.contextLength = contextLength;
        this.stop = stop;
    }

    int contextLength() {
        return contextLength;
    }

    Stop stop() {
        return stop;
    }

    Example encode(JsonNode line, Place place) throws InvalidDataset {
        return line.has("messages") ? chat(line, place) : completion(line);
    }

    /** A preference line as two conversations that differ in their last message, the only one that is learned. */
    PreferencePair pair(JsonNode line, Place place) throws InvalidDataset {
        JsonNode input = line.path("input");
        return new PreferencePair(
                answered(input, line.path("preferred_output").path(0), place),
                answered(input, line.path("non_preferred_output").path(0), place));
    }

    PreferencePair cut(PreferencePair pair) {
        return new PreferencePair(cut(pair.chosen()), cut(pair.rejected()));
    }

    private Example answered(JsonNode input, JsonNode answer, Place place) throws InvalidDataset {
        ObjectNode conversation = JsonNodeFactory.instance.objectNode();
        if (input.hasNonNull("tools")) {
            conversation.set("tools", input.get("tools"));
        }
        ArrayNode messages = conversation.putArray("messages");
        for (JsonNode message : input.path("messages")) {
            ObjectNode said = message.deepCopy();
            messages.add(message.path("role").asText().equals("assistant") ? said.put("weight", 0) : said);
        }
        ObjectNode last = answer.deepCopy();
        last.remove("weight");
        messages.add(last);
        return chat(conversation, place);
    }

    /** The example within the context's length. */
    Example cut(Example example) {
        int[] tokens = example.tokens();
        return tokens.length <= contextLength
                ? example
                : new Example(Arrays.copyOf(tokens, contextLength), Arrays.copyOf(example.trained(), contextLength));
    }

    private Example chat(JsonNode line, Place place) throws InvalidDataset {
        Rendered rendered;
        try {
            rendered = template.render(line.get("messages"), tools(line), false, stop);
        } catch (TemplateError e) {
            throw place.invalid("is refused by the model's chat template: " + e.reason());
        }
        Encoded encoded = tokenizer.encodeWithSpans(rendered.text());
        return new Example(encoded.ids(), encoded.within(rendered.assistantSpans()));
    }

    /** The tools, with {@code functions} as the tools they became. */
    private static @Nullable JsonNode tools(JsonNode line) {
        JsonNode functions = line.path("functions");
        if (!functions.isArray()) {
            return line.get("tools");
        }
        ArrayNode tools = JsonNodeFactory.instance.arrayNode();
        line.path("tools").forEach(tools::add);
        functions.forEach(function -> tools.addObject().put("type", "function").set("function", function));
        return tools;
    }

    // The loss is on the completion and on the EOS that ends it. Prompt and completion are tokenized together: on its
    // own a completion would begin with the blank that SentencePiece puts before a text.
    private Example completion(JsonNode line) {
        String prompt = line.get("prompt").textValue();
        String text = prompt + line.get("completion").textValue();
        Encoded encoded = tokenizer.encodeWithSpecialTokensAndSpans(text);
        int[] tokens = encoded.ids();
        boolean[] trained = encoded.within(List.of(new Span(prompt.length(), text.length())));
        if (tokenizer.eos().isPresent()) {
            int eos = tokenizer.eos().getAsInt();
            if (tokens.length == 0 || tokens[tokens.length - 1] != eos) {
                tokens = Arrays.copyOf(tokens, tokens.length + 1);
                trained = Arrays.copyOf(trained, tokens.length);
                tokens[tokens.length - 1] = eos;
            }
            trained[tokens.length - 1] = true;
        }
        return new Example(tokens, trained);
    }
}
