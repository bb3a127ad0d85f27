package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.trainer.generation.Predictor;
import dev.tunegate.trainer.generation.TextStream;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.TokenStream;
import dev.tunegate.trainer.text.Tokenizer;
import dev.tunegate.trainer.text.jinja.TemplateError;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model on this machine with its text side.
 *
 * @param release called once the request no longer needs the model
 */
public record LocalModel(Predictor predictor, Tokenizer tokenizer, ChatTemplate template, Runnable release)
        implements ServedModel {

    @Override
    public int[] prompt(ArrayNode messages, @Nullable ArrayNode tools) {
        try {
            return tokenizer.encode(template.render(messages, tools, true).text());
        } catch (TemplateError e) {
            throw RequestError.invalid(
                    "The model's chat template refuses these messages: " + e.reason(), "messages", null);
        }
    }

    @Override
    public Set<Integer> stopTokens() {
        return tokenizer.stopIds();
    }

    @Override
    public TextStream textStream() {
        TokenStream stream = tokenizer.stream();
        return new TextStream() {
            @Override
            public String push(int token) {
                return stream.add(token);
            }

            @Override
            public String flush() {
                return stream.finish();
            }
        };
    }

    @Override
    public String tokenText(int token) {
        return tokenizer.decode(new int[] {token});
    }

    @Override
    public void close() {
        release.run();
    }
}
