package dev.tunegate.gateway.cli.demo;

import java.util.ArrayList;
import java.util.List;

/** Two texts beside each other, each wrapped to its column. */
final class SideBySide {
    private static final int COLUMN = 46;

    private SideBySide() {}

    static List<String> lines(String left, String right) {
        List<String> leftLines = wrap(left);
        List<String> rightLines = wrap(right);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Math.max(leftLines.size(), rightLines.size()); i++) {
            String l = i < leftLines.size() ? leftLines.get(i) : "";
            String r = i < rightLines.size() ? rightLines.get(i) : "";
            lines.add("  " + l + " ".repeat(COLUMN - l.length()) + " │ " + r);
        }
        return lines;
    }

    /** Breaks at spaces where there are any, and inside a word that is longer than the column. */
    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        // A model may answer anything, a terminal's control sequences too.
        String rest = text.replaceAll("\\s+", " ").strip().replaceAll("\\p{Cntrl}", "·");
        while (rest.length() > COLUMN) {
            int space = rest.lastIndexOf(' ', COLUMN);
            int end = space > COLUMN / 2 ? space : COLUMN;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }
}
