package dev.tunegate.trainer.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The starter model's training text: an endless stream of chat lines, the same for the same seed. A plain question is
 * answered in SQL; "In steps: ..." asks for another {@link Dialect}, and later turns ask for the same query in yet others,
 * so that most of a line is answers and copying pays early.
 */
public final class StarterText {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double ECHO = 0.1;
    private static final double PLAIN = 0.4;
    private static final double ONE_TURN = 0.3;
    private static final int TURNS = 3;

    private final SplittableRandom random;
    private final Words words;
    private final SchemaGenerator schemas;
    private final QueryGenerator queries;
    private final Phraser phraser;

    /** A question and its answer. */
    record Turn(String user, String assistant) {}

    /** One line: a conversation. */
    record Example(List<Turn> turns) {
        String toJsonLine() {
            ObjectNode line = JSON.createObjectNode();
            ArrayNode messages = line.putArray("messages");
            for (Turn turn : turns) {
                messages.addObject().put("role", "user").put("content", turn.user());
                messages.addObject().put("role", "assistant").put("content", turn.assistant());
            }
            return line.toString();
        }

        /** The line as the tokenizer will see it, roles included. */
        String toChatText() {
            StringBuilder text = new StringBuilder();
            for (Turn turn : turns) {
                text.append("user\n").append(turn.user()).append('\n');
                text.append("assistant\n").append(turn.assistant()).append('\n');
            }
            return text.toString();
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
            return new Example(List.of(new Turn("Repeat: " + text, text)));
        }
        Query query = queries.next(schemas.next());
        String question = phraser.question(query);
        List<Dialect> dialects = dialects();
        List<Turn> turns = new ArrayList<>();
        for (Dialect dialect : dialects) {
            String asked = turns.isEmpty() ? inDialect(dialect) + question : "In " + dialect.title();
            turns.add(new Turn(asked, dialect.render(query)));
        }
        return new Example(turns);
    }

    private List<Dialect> dialects() {
        List<Dialect> dialects = new ArrayList<>(List.of(Dialect.values()));
        Collections.shuffle(dialects, new Random(random.nextLong()));
        if (random.nextDouble() < PLAIN) {
            dialects.remove(Dialect.SQL);
            dialects.add(0, Dialect.SQL);
        }
        return dialects.subList(0, random.nextDouble() < ONE_TURN ? 1 : TURNS);
    }

    private static String inDialect(Dialect dialect) {
        return dialect == Dialect.SQL ? "" : "In " + dialect.title() + ": ";
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
                text.append(random.nextInt(3) == 0 ? words.madeUp() : words.pick(Words.VALUES));
            } else {
                int characters = 1 + random.nextInt(4);
                random.ints(characters, '!', '~' + 1).forEach(text::appendCodePoint);
            }
        }
        return text.toString();
    }
}
