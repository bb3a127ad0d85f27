package dev.tunegate.trainer.text;

import dev.tunegate.trainer.text.jinja.Rendering;
import dev.tunegate.trainer.text.jinja.Rendering.Part;
import dev.tunegate.trainer.text.jinja.TemplateError;
import dev.tunegate.trainer.text.jinja.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what the assistant says in a rendered conversation: for each of its messages the text from where the
 * generation prompt ends to where its turn ends, with the token that ends it.
 *
 * <p>Where the template has {@code {% generation %}}, the blocks are the answer. Otherwise, for message <i>i</i>:
 *
 * <ol>
 *   <li>The messages before <i>i</i> with a generation prompt are what the model is given, the messages up to and
 *       with <i>i</i> are what it leaves. Where these two texts are prefixes of the whole, what the second has beyond
 *       the first is exactly what the model says.
 *   <li>Some templates write earlier turns differently once there are later ones (they drop the thinking, or end the
 *       conversation with a token of its own), so one or both are no prefix. The interpreter knows what each pass of
 *       the loop over the messages wrote, so the turn's place in the whole text is known all the same. From its
 *       beginning the generation prompt is taken off, as far as the turn repeats it whatever the message says.
 * </ol>
 *
 * In a long conversation whose first turns are all alike, the others are taken to be so where they begin alike.
 * When neither way applies the conversation is refused: training on a guess would spoil a model silently.
 */
final class AssistantSpans {

    /** How many of a conversation's turns are looked at one by one in any case. */
    private static final int CHECKED = 16;
    /** How many messages are rendered in all before a conversation is given up as too long. */
    private static final long MOST_RENDERED = 2_000_000;
    /** A turn that is not a header with the words up to its end behind it. */
    private static final String IRREGULAR = "\0";

    private final Turns turns;
    private final List<Boolean> learned;
    private long rendered;

    /**
     * Prepares for one conversation.
     *
     * @param learned for each message whether it is to be learned
     */
    AssistantSpans(Turns turns, List<Boolean> learned) {
        this.turns = turns;
        this.learned = learned;
    }

    List<Span> in(Rendering whole) {
        List<Span> marked = turns.template().marksGeneration() && whole.complete() ? marked(whole) : null;
        List<Span> spans = marked != null ? marked : derived(whole);
        int end = 0;
        for (Span span : spans) {
            if (span.start() < end) {
                throw new TemplateError("the chat template writes the assistant's messages out of order; "
                        + "mark them with {% generation %}");
            }
            end = span.end();
        }
        return spans;
    }

    /** The {@code generation} blocks; null when it cannot be told which message one belongs to and it matters. */
    private @Nullable List<Span> marked(Rendering whole) {
        boolean allLearned = !assistantOfWeightZero();
        List<Span> spans = new ArrayList<>();
        for (Part part : whole.generated()) {
            int message = part.item() != Rendering.NO_ITEM ? part.item() : lastTurnBefore(part, whole);
            if (message == Rendering.NO_ITEM && !allLearned) {
                return null;
            }
            if (part.end() > part.start() && (allLearned || learned.get(message))) {
                spans.add(new Span(part.start(), part.end()));
            }
        }
        return spans;
    }

    private boolean assistantOfWeightZero() {
        for (int i = 0; i < learned.size(); i++) {
            if (!learned.get(i) && isAssistant(turns.messages().get(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAssistant(Value message) {
        return message instanceof Value.Dict dict
                && dict.entries().get(new Value.Text("role", false)) instanceof Value.Text role
                && role.value().equals("assistant");
    }

    // The last message takes with it all that stands behind the loop over the messages, such as a final EOS.
    private static int lastTurnBefore(Part part, Rendering whole) {
        int message = Rendering.NO_ITEM;
        for (Part turn : whole.turns()) {
            message = turn.end() <= part.start() ? turn.item() : message;
        }
        return message;
    }

    private List<Span> derived(Rendering whole) {
        List<Span> spans = new ArrayList<>();
        Map<Integer, Part> parts = parts(whole);
        Set<String> headers = new HashSet<>();
        for (int i = 0; i < learned.size(); i++) {
            if (learned.get(i)) {
                Part turn = parts.get(i);
                boolean regular = spans.size() >= CHECKED && headers.size() == 1 && i < learned.size() - 1;
                Span span = regular ? likeTheOthers(turn, headers.iterator().next(), whole) : null;
                span = span != null ? span : derived(i, turn, whole);
                spans.add(span);
                headers.add(headerBefore(span, turn, whole));
            }
        }
        return spans;
    }

    // Rendering the beginning of a conversation for each of its messages takes time with the square of its length.
    // Once many turns have been found to be a header and then the words, up to the turn's end, all count as such.
    private static @Nullable Span likeTheOthers(@Nullable Part turn, String header, Rendering whole) {
        if (turn == null || header.equals(IRREGULAR) || !whole.text().startsWith(header, turn.start())) {
            return null;
        }
        return new Span(turn.start() + header.length(), turn.end());
    }

    private static String headerBefore(Span span, @Nullable Part turn, Rendering whole) {
        if (turn == null || turn.start() > span.start() || turn.end() != span.end()) {
            return IRREGULAR;
        }
        return whole.text().substring(turn.start(), span.start());
    }

    private Span derived(int i, @Nullable Part turn, Rendering whole) {
        String text = whole.text();
        boolean last = i == turns.messages().size() - 1;
        String given = attempt(turns.messages().subList(0, i), true);
        String left = last ? text : attempt(turns.messages().subList(0, i + 1), false);
        int start =
                given != null && text.startsWith(given) ? given.length() : startOfWords(i, given, known(turn, i), text);
        int end = left != null && text.startsWith(left)
                ? left.length()
                : known(turn, i).end();
        if (end < start) {
            throw unknown(i);
        }
        return new Span(start, end);
    }

    private int startOfWords(int i, @Nullable String given, Part turn, String text) {
        String words = text.substring(turn.start(), turn.end());
        String before = attempt(turns.messages().subList(0, i), false);
        if (given == null) {
            // The template refuses to prompt here, as it does for a conversation that the assistant begins.
            return turn.start() + header(i, words);
        }
        String prompt = before != null && given.startsWith(before) ? given.substring(before.length()) : "";
        if (words.startsWith(prompt)) {
            return turn.start() + prompt.length();
        }
        return turn.start() + Math.min(header(i, words), common(prompt, words));
    }

    /** How much of a turn's beginning is the same whatever the message says. */
    private int header(int i, String words) {
        int header = words.length();
        for (String content : List.of("A", "Z")) {
            List<Value> messages = new ArrayList<>(turns.messages());
            messages.set(i, withContent(messages.get(i), content));
            Rendering other = turns.render(messages, false);
            Part turn = known(parts(other).get(i), i);
            header = Math.min(header, common(words, other.text().substring(turn.start(), turn.end())));
        }
        return header;
    }

    private static Value withContent(Value message, String content) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (message instanceof Value.Dict dict) {
            entries.putAll(dict.entries());
        }
        entries.put(new Value.Text("content", false), new Value.Text(content, false));
        return new Value.Dict(entries);
    }

    private static int common(String a, String b) {
        int length = 0;
        while (length < a.length() && length < b.length() && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return length;
    }

    /** The turns that were written in one piece. */
    private static Map<Integer, Part> parts(Rendering rendering) {
        Map<Integer, Part> parts = new HashMap<>();
        Set<Integer> several = new HashSet<>();
        for (Part turn : rendering.turns()) {
            if (parts.put(turn.item(), turn) != null) {
                several.add(turn.item());
            }
        }
        parts.keySet().removeAll(several);
        return parts;
    }

    private static Part known(@Nullable Part turn, int i) {
        if (turn == null) {
            throw unknown(i);
        }
        return turn;
    }

    private @Nullable String attempt(List<Value> messages, boolean addGenerationPrompt) {
        rendered += messages.size();
        if (rendered > MOST_RENDERED) {
            throw new TemplateError("the conversation has too many messages to find the assistant's among them; "
                    + "mark them in the chat template with {% generation %}");
        }
        try {
            return turns.render(messages, addGenerationPrompt).text();
        } catch (TemplateError e) {
            // A part of a conversation may be none that the template takes; then this way is not open.
            return null;
        }
    }

    private static TemplateError unknown(int i) {
        return new TemplateError("cannot tell what the assistant says in message " + (i + 1)
                + "; mark it in the chat template with {% generation %}");
    }
}
