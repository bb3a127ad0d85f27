package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.trainer.generation.Predictor;
import dev.tunegate.trainer.generation.TextStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A model held ready for one request. Closing says that the request no longer needs it. */
public interface ServedModel extends AutoCloseable {

    Predictor predictor();

    /**
     * The conversation as the model's chat template writes it, up to where the answer begins.
     *
     * @throws RequestError when the template refuses the messages
     */
    int[] prompt(ArrayNode messages, @Nullable ArrayNode tools);

    /** Ids that end an answer. */
    Set<Integer> stopTokens();

    /** Fresh for every answer. */
    TextStream textStream();

    /** A single token's text, for log probabilities. */
    String tokenText(int token);

    @Override
    void close();

    /** The models that can be asked for, by the names clients use. */
    interface Source {
        /**
         * The model, loaded first if need be, which can take a while.
         *
         * @throws RequestError when there is no such model, or it cannot be had now
         */
        ServedModel open(String name) throws InterruptedException;
    }
}
