package dev.tunegate.gateway.cli.demo.data;

/** A comparison with a number, in English and as MongoDB's operator. */
enum Bound {
    ABOVE("above", "$gt"),
    AT_LEAST("at least", "$gte"),
    BELOW("below", "$lt"),
    AT_MOST("at most", "$lte");

    private final String words;
    private final String operator;

    Bound(String words, String operator) {
        this.words = words;
        this.operator = operator;
    }

    String words() {
        return words;
    }

    String operator() {
        return operator;
    }
}
