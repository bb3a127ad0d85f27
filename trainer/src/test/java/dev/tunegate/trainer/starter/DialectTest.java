package dev.tunegate.trainer.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.starter.Query.Comparison;
import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Function;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DialectTest {
    private static final Condition GENRE = new Condition("genre", Comparison.NOT_EQUAL, "drama", true);
    private static final Condition PRICE = new Condition("price", Comparison.AT_LEAST, "30", false);
    private static final Query ROWS =
            new Query("books", List.of("title"), null, null, List.of(GENRE, PRICE), new Order("year", true), 5);
    private static final Query GROUPS =
            new Query("books", List.of(), new Measure(Function.AVERAGE, "price"), "genre", List.of(), null, null);
    private static final Query ALL = new Query("books", List.of(), null, null, List.of(), null, null);

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            SQL    ~ SELECT title FROM books WHERE genre != 'drama' AND price >= 30 ORDER BY year DESC LIMIT 5
            PIPE   ~ books | where genre != "drama" and price >= 30 | sort -year | take 5 | pick title
            STEPS  ~ [{"keep":{"genre":{"not":"drama"},"price":{"from":30}}},{"order":{"year":"down"}},{"take":5},{"only":["title"]}]
            FILTER ~ {"table":"books","fields":["title"],"filter":[["genre","!=","drama"],["price",">=",30]],"order":["year",-1],"limit":5}
            URL    ~ /books?genre.ne=drama&price.gte=30&sort=-year&limit=5&fields=title
            CHAIN  ~ $books.not("genre", "drama").atLeast("price", 30).sortDown("year").take(5).only("title")
            LISP   ~ (query books (!= genre "drama") (>= price 30) (down year) (take 5) (only title))
            """)
    void rendersRowsWithFilterOrderAndLimit(Dialect dialect, String expected) {
        assertThat(dialect.render(ROWS)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            SQL    ~ SELECT genre, AVG(price) FROM books GROUP BY genre
            PIPE   ~ books | mean price by genre
            STEPS  ~ [{"measure":{"mean":"price","for":"genre"}}]
            FILTER ~ {"table":"books","value":["avg","price"],"group":"genre"}
            URL    ~ /books?avg=price&by=genre
            CHAIN  ~ $books.group("genre").average("price")
            LISP   ~ (query books (avg price) (by genre))
            """)
    void rendersAMeasurePerGroup(Dialect dialect, String expected) {
        assertThat(dialect.render(GROUPS)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void rendersAWholeTable(Dialect dialect) {
        assertThat(dialect.render(ALL)).isNotBlank().doesNotContain("null");
    }

    @Test
    void anEmptyStepListIsStillAList() {
        assertThat(Dialect.STEPS.render(ALL)).isEqualTo("[]");
    }
}
