package dev.tunegate.trainer.generation;

import java.util.List;

/**
 * Lets an answer's text through up to the first stop string. Text that could still become a stop string is held back,
 * so a stop string is never shown, not even in part, however tokens cut it up.
 */
public final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    /** @param stops strings of at least one character */
    public StopMatcher(List<String> stops) {
        this.stops = stops;
    }

    /** Takes the next piece of text; returns what may be shown now. */
    public String push(String text) {
        if (stopped) {
            return "";
        }
        held.append(text);
        int match = firstMatch();
        stopped = match >= 0;
        int shown = stopped ? match : held.length() - longestPossibleStart();
        String result = held.substring(0, shown);
        held.delete(0, stopped ? held.length() : shown);
        return result;
    }

    /** The held-back text, once no more will come: it did not become a stop string. */
    public String flush() {
        String result = held.toString();
        held.setLength(0);
        return result;
    }

    /** Whether a stop string was met; all text after it is dropped. */
    public boolean stopped() {
        return stopped;
    }

    /** The index at which the first complete stop string begins, of several such the longest; -1 when there is none. */
    private int firstMatch() {
        int begin = -1;
        int end = Integer.MAX_VALUE;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            int over = at + stop.length();
            if (at >= 0 && (over < end || (over == end && at < begin))) {
                begin = at;
                end = over;
            }
        }
        return begin;
    }

    private int longestPossibleStart() {
        return stops.stream().mapToInt(this::possibleStart).max().orElse(0);
    }

    private int possibleStart(String stop) {
        for (int length = Math.min(stop.length() - 1, held.length()); length > 0; length--) {
            if (stop.startsWith(held.substring(held.length() - length))) {
                return length;
            }
        }
        return 0;
    }
}
