package dev.tunegate.trainer.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A template comes with a model from anywhere: whatever it does, it ends soon, in little memory, and reaches nothing. */
class LimitsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                // loops within loops
                "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
                // texts that double
                "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{{ 'x' * 999999999999 }}",
                "{{ ('x' * 9999999)|replace('x', 'y' * 9999) }}",
                "{{ 'x'|center(999999999) }}",
                "{{ 'x'|indent(999999999, true) }}",
                "{{ 'x'.zfill(999999999) }}",
                // lists that double, and values that share themselves
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
                        + "{{ ns.x|tojson }}",
                "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}"
                        + "{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
                "{% set ns = namespace(x=1) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace() %}{% set ns.self = ns %}{{ ns }}",
                // numbers
                "{{ 9 ** (9 ** 9) }}",
                "{% set ns = namespace(x=9) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
                "{{ range(10 ** 20)|length }}",
                // recursion
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                // dates
                "{{ strftime_now('%c' * 4999999) }}",
                "{% set f = '%Y' * 999 %}{% for i in range(99999) %}{% set d = strftime_now(f) %}{% endfor %}",
                // work on a large value that leaves nothing large behind, over and over
                "{% set a = 'a' * 9999999 %}{% for i in range(99999) %}{% set n = a|wordcount %}{% endfor %}",
                "{% set a = 'a' * 9999999 %}{% for i in range(99999) %}{% set n = a[-1] %}{% endfor %}",
                "{% set a = '%%' * 4999999 %}{% for i in range(99999) %}{% set n = a % () %}{% endfor %}",
                // texts that grow on their way out
                "{% set a = ',' * 99999 %}{{ ([1] * 99999)|tojson(separators=(a, a)) }}",
                "{{ ['\u0001' * 29999999] }}",
                "{% set n = (',' * 29999999).split(',') %}",
                // slow searches and splits
                "{% set a = 'a' * 9999999 %}{{ a.find('a' * 99999 ~ 'b') }}",
                "{% set a = 'a' * 9999999 %}{{ ('a' * 999999 ~ 'b') in a }}",
            })
    void endsSoonWithAnError(String source) {
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThatThrownBy(() -> render(source))
                        .isInstanceOf(TemplateError.class)
                        .hasMessageStartingWith("chat template, line 1: "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {"( )", "[ ]", "a( )", "x[ ]", "{1: }", "not( )", "-( )"})
    void anExpressionNestedTooDeeplyIsRefused(String opening, String closing) {
        assertTooDeep("{{ " + opening.repeat(5000) + "1" + closing.repeat(5000) + " }}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"not ", "+ ", "{% if 1 %}", "{% for a in b %}", "{% set a %}"})
    void operatorsAndBlocksNestedTooDeeplyAreRefused(String opening) {
        String tag = opening.startsWith("{%") ? "" : "{{ ";
        assertTooDeep(tag + opening.repeat(2000) + (tag.isEmpty() ? "" : "x }}"));
    }

    private static void assertTooDeep(String source) {
        assertThatThrownBy(() -> Template.parse(source, Clock.systemUTC()))
                .isInstanceOf(TemplateError.class)
                .hasMessageContaining("nested more than");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ 1%s }}", "{{ 'a'%s }}", "{{ x%s }}"})
    void aLongChainOfOperatorsIsRefusedWhenItIsEvaluated(String source) {
        String chain = source.formatted((source.contains("x") ? ".y" : " + 1").repeat(5000));
        assertThatThrownBy(() -> render(chain)).isInstanceOf(TemplateError.class);
    }

    @Test
    void aTemplateOfManyBranchesIsNone() {
        String source = "{% if x %}" + "{% elif x %}".repeat(5000) + "{% else %}ok{% endif %}";
        assertThat(render(source)).isEqualTo("ok");
    }

    @Test
    void aTemplateThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> Template.parse("x".repeat(2 << 20), Clock.systemUTC()))
                .isInstanceOf(TemplateError.class)
                .hasMessageContaining("at most");
    }

    @Test
    void anErrorNamesItsLine() {
        assertThatThrownBy(() -> render("a\n{% if true %}\n\n  {{ nothing.at.all }}{% endif %}"))
                .isInstanceOf(TemplateError.class)
                .hasMessage("chat template, line 4: 'nothing' is undefined");
        assertThatThrownBy(() -> render("\n\n{% macro m() %}\n{{ raise_exception('no') }}{% endmacro %}\n\n{{ m() }}"))
                .hasMessage("chat template, line 4: no");
        assertThatThrownBy(() -> render("a\n{{ 'x' | nofilter }}")).hasMessageContaining("line 2: No filter");
        assertThatThrownBy(() -> render("a\n\n{% if %}")).hasMessageContaining("line 3: expected an expression");
    }

    @Test
    void whatAMessageSaysIsNeverTemplate() {
        String hostile = "{{ 7*7 }}{% for x in range(9) %}{% endfor %}{# c #}{% raw %}'\"\\ ${7*7} #{7*7} <%= 7 %>";
        Map<String, Value> variables = Map.of("content", new Value.Text(hostile, false));
        Template template = Template.parse("[{{ content }}|{{ content ~ '' }}|{{ [content][0] }}]", Clock.systemUTC());
        assertThat(template.render(variables, List.of()).text())
                .isEqualTo("[" + hostile + "|" + hostile + "|" + hostile + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"class", "getClass", "hashCode", "value", "entries", "items", "__class__", "__init__"})
    void noMemberOfTheJavaObjectsIsInSight(String name) {
        assertThat(render("{{ 'a'." + name + " is defined }}{{ [1]." + name + " is defined }}{{ 1." + name
                        + " is defined }}{{ none." + name + " is defined }}{{ range." + name + " is defined }}"))
                .isEqualTo("False".repeat(5));
    }

    private static String render(String source) {
        return Template.parse(source, Clock.systemUTC())
                .render(Map.of(), List.of())
                .text();
    }
}
