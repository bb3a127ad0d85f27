package dev.tunegate.gateway.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SqlTest {
    @Test
    void findsStatementsBelowTheirNames() {
        assertThat(Sql.parse("-- About this file.\n\n-- name: one\nselect 1;\n\n-- name: two\n-- why\nselect\n  2\n"))
                .hasSize(2)
                .containsEntry("one", "select 1")
                .containsEntry("two", "-- why\nselect\n  2");
    }

    @Test
    void refusesTwoStatementsOfOneName() {
        assertThatThrownBy(() -> Sql.parse("-- name: one\nselect 1;\n-- name: one\nselect 2;\n"))
                .hasMessage("Two SQL statements named one");
    }

    @Test
    void saysWhichStatementIsMissing() {
        assertThatThrownBy(() -> Sql.get("nowhere.x")).hasMessage("No resource /sql/nowhere.sql");
    }
}
