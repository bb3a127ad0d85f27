package dev.tunegate.trainer.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The starter model's training text: an endless stream of chat lines, the same for the same seed. A question without a
 * system message is answered in SQL; a system message asks for another {@link Dialect}.
 */
public final class StarterText {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double ECHO = 0.1;
    private static final double PLAIN_SQL = 0.2;
    private static final double SCHEMA_SHOWN = 0.2;

    private final SplittableRandom random;
    private final Words words;
    private final SchemaGenerator schemas;
    private final QueryGenerator queries;
    private final Phraser phraser;

    /** One line: an optional system message, the question and its answer. */
    record Example(String system, String question, String answer) {
        String toJsonLine() {
            ObjectNode line = JSON.createObjectNode();
            ArrayNode messages = line.putArray("messages");
            if (!system.isEmpty()) {
                messages.addObject().put("role", "system").put("content", system);
            }
            messages.addObject().put("role", "user").put("content", question);
            messages.addObject().put("role", "assistant").put("content", answer);
            return line.toString();
        }

        /** As the tokenizer will see it, roles included. */
        String toChatText() {
            return (system.isEmpty() ? "" : "system\n" + system + "\n") + "user\n" + question + "\nassistant\n" + answer
                    + "\n";
        }
    }

    /** Starts the stream of one seed. */
    public StarterText(long seed) {
        random = new SplittableRandom(seed);
        words = new Words(random);
        schemas = new SchemaGenerator(random, words);
        queries = new QueryGenerator(random, words);
        phraser = new Phraser(random);
    }

    /** The next line of JSON, in the chat format that training files have. */
    public String nextJsonLine() {
        return next().toJsonLine();
    }

    Example next() {
        if (random.nextDouble() < ECHO) {
            String text = anyText();
            return new Example("", "Repeat: " + text, text);
        }
        Schema schema = schemas.next();
        Query query = queries.next(schema);
        String question = phraser.question(query);
        if (random.nextDouble() < PLAIN_SQL) {
            return new Example("", question, Dialect.SQL.render(query));
        }
        Dialect dialect = words.pick(List.of(Dialect.values()));
        String system = "Answer in " + dialect.title() + ".";
        if (random.nextDouble() < SCHEMA_SHOWN) {
            system += " " + schema.table() + "(" + String.join(", ", schema.textFields()) + ", "
                    + String.join(", ", schema.numberFields()) + ")";
        }
        return new Example(system, question, dialect.render(query));
    }

    /**
     * Words, or any printable characters: copying is learned from these first, and queries need it; every byte of
     * ASCII gets a trained embedding.
     */
    private String anyText() {
        StringBuilder text = new StringBuilder();
        boolean spaced = random.nextBoolean();
        int pieces = 2 + random.nextInt(6);
        for (int i = 0; i < pieces; i++) {
            text.append(spaced && i > 0 ? " " : "");
            if (spaced || random.nextBoolean()) {
                text.append(random.nextBoolean() ? words.madeUp() : words.pick(Words.VALUES));
            } else {
                int characters = 1 + random.nextInt(4);
                random.ints(characters, '!', '~' + 1).forEach(text::appendCodePoint);
            }
        }
        return text.toString();
    }
}
