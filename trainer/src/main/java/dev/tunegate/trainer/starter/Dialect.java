package dev.tunegate.trainer.starter;

/** The query languages of the starter model's text; all but SQL are our own, and MongoDB's is not among them. */
enum Dialect {
    SQL("SQL"),
    PIPE("pipe"),
    STEPS("steps"),
    FILTER("filter"),
    URL("URL"),
    CHAIN("chain"),
    LISP("lisp");

    private final String title;

    Dialect(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    String render(Query query) {
        return switch (this) {
            case SQL -> Sql.render(query);
            case PIPE -> Pipe.render(query);
            case STEPS -> Steps.render(query);
            case FILTER -> Filter.render(query);
            case URL -> Url.render(query);
            case CHAIN -> Chain.render(query);
            case LISP -> Lisp.render(query);
        };
    }
}
