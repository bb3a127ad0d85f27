package dev.tunegate.trainer.text.jinja;

/** Where statements write: the rendering itself, or the text of a macro or block on its way into a value. */
final class Output {

    private final StringBuilder text = new StringBuilder();
    private final Budget budget;
    private final boolean main;

    private Output(Budget budget, boolean main) {
        this.budget = budget;
        this.main = main;
    }

    static Output main(Budget budget) {
        return new Output(budget, true);
    }

    static Output captured(Budget budget) {
        return new Output(budget, false);
    }

    /** Whether positions here are positions in the rendering. */
    boolean isMain() {
        return main;
    }

    void write(String part) {
        text.append(part);
        budget.built(text.length(), part.length());
    }

    int length() {
        return text.length();
    }

    String text() {
        return text.toString();
    }
}
