package dev.tunegate.trainer.text.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** A value of the template language: these, and nothing else, is what a template can reach. */
public sealed interface Value {

    /** JSON as a value. */
    static Value of(JsonNode node) {
        return Json.toValue(node);
    }

    /** Python's {@code None}, JSON's {@code null}. */
    enum None implements Value {
        /** The only one. */
        NONE
    }

    /** True or false; counts as 1 or 0 in arithmetic. */
    enum Bool implements Value {
        /** Python's {@code True}. */
        TRUE,
        /** Python's {@code False}. */
        FALSE;

        static Bool of(boolean value) {
            return value ? TRUE : FALSE;
        }
    }

    /**
     * Something that is not there. It prints as nothing; using it in any other way is an error that says so.
     *
     * @param hint what is missing, as Jinja2 words it
     */
    record Undefined(String hint) implements Value {}

    /** A whole number of any size. */
    record Int(BigInteger value) implements Value {
        static Int of(long value) {
            return new Int(BigInteger.valueOf(value));
        }
    }

    /** A floating-point number. */
    record Real(double value) implements Value {}

    /**
     * A string.
     *
     * @param value its characters; lengths and indexes count code points, as Python does
     * @param safe whether it is marked as HTML that is not to be escaped again
     */
    record Text(String value, boolean safe) implements Value {
        Text(String value) {
            this(value, false);
        }
    }

    /**
     * A list or a tuple.
     *
     * @param items the items
     * @param tuple whether it prints in parentheses
     */
    record Items(List<Value> items, boolean tuple) implements Value {
        static Items list(List<Value> items) {
            return new Items(items, false);
        }
    }

    /** A mapping, in the order of insertion. Keys are scalars. */
    record Dict(Map<Value, Value> entries) implements Value {}

    /** What {@code namespace(…)} makes: the only value whose attributes a template can set. */
    record Namespace(Map<String, Value> attributes) implements Value {}

    /** The {@code loop} variable. */
    record Loop(LoopState state) implements Value {}

    /** Something that can be called: a macro, a method bound to its value, a global function. */
    record Callable(String name, Body body) implements Value {

        /** What a call does. */
        @FunctionalInterface
        interface Body {
            Value call(Arguments arguments);
        }
    }
}
