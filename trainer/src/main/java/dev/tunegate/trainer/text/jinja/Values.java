package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Real;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** What Python knows about any value: its truth, its type's name, its number, its length, its items. */
final class Values {

    private Values() {}

    static boolean truthy(Value value) {
        if (value instanceof Bool bool) {
            return bool == Bool.TRUE;
        } else if (value instanceof Int number) {
            return number.value().signum() != 0;
        } else if (value instanceof Real number) {
            return number.value() != 0;
        } else if (value instanceof Text text) {
            return !text.value().isEmpty();
        } else if (value instanceof Items list) {
            return !list.items().isEmpty();
        } else if (value instanceof Dict dict) {
            return !dict.entries().isEmpty();
        }
        return !(value instanceof None || value instanceof Undefined);
    }

    /** The name of the Python type, for messages. */
    static String type(Value value) {
        if (value instanceof None) {
            return "NoneType";
        } else if (value instanceof Bool) {
            return "bool";
        } else if (value instanceof Undefined) {
            return "Undefined";
        } else if (value instanceof Int) {
            return "int";
        } else if (value instanceof Real) {
            return "float";
        } else if (value instanceof Text) {
            return "str";
        } else if (value instanceof Items items) {
            return items.tuple() ? "tuple" : "list";
        } else if (value instanceof Dict) {
            return "dict";
        } else if (value instanceof Value.Namespace) {
            return "Namespace";
        } else if (value instanceof Value.Loop) {
            return "LoopContext";
        }
        return "function";
    }

    /** What a missing attribute is missing from: {@code 'str object'}, but {@code 'None'}. */
    static String described(Value value) {
        return value instanceof None ? "None" : type(value) + " object";
    }

    /** The value itself, or the error of using something that is not there. */
    static Value defined(Value value) {
        if (value instanceof Undefined undefined) {
            throw new TemplateError(undefined.hint());
        }
        return value;
    }

    static boolean isNumber(Value value) {
        return value instanceof Int || value instanceof Real || value instanceof Bool;
    }

    /** Whether the value is a number that Python computes with exactly. */
    static boolean isWhole(Value value) {
        return value instanceof Int || value instanceof Bool;
    }

    static BigInteger whole(Value value, String what) {
        if (value instanceof Int number) {
            return number.value();
        } else if (value instanceof Bool bool) {
            return bool == Bool.TRUE ? BigInteger.ONE : BigInteger.ZERO;
        }
        throw new TemplateError(what + " must be an integer, not " + type(defined(value)));
    }

    /** An index or a count; beyond an int's range it is as far as any text or list can reach. */
    static int index(Value value, String what) {
        BigInteger whole = whole(value, what);
        return whole.bitLength() < Integer.SIZE
                ? whole.intValue()
                : whole.signum() < 0 ? Integer.MIN_VALUE + 1 : Integer.MAX_VALUE;
    }

    static double real(Value value) {
        return value instanceof Real number
                ? number.value()
                : whole(value, "the operand").doubleValue();
    }

    static String string(Value value, String what) {
        if (value instanceof Text text) {
            return text.value();
        }
        throw new TemplateError(what + " must be a string, not " + type(defined(value)));
    }

    /** How many characters, items or keys the value has. */
    static int length(Value value) {
        if (value instanceof Text text) {
            return text.value().codePointCount(0, text.value().length());
        } else if (value instanceof Items list) {
            return list.items().size();
        } else if (value instanceof Dict dict) {
            return dict.entries().size();
        } else if (value instanceof Undefined) {
            return 0;
        } else if (value instanceof Value.Loop loop) {
            return loop.state().length();
        }
        throw new TemplateError("object of type '" + type(value) + "' has no len()");
    }

    static boolean isIterable(Value value) {
        return value instanceof Items
                || value instanceof Dict
                || value instanceof Text
                || value instanceof Undefined
                || value instanceof Value.Loop;
    }

    /** The items that a loop over the value goes through. */
    static List<Value> iterate(Value value, Budget budget) {
        if (value instanceof Items list) {
            return list.items();
        } else if (value instanceof Dict dict) {
            budget.items(dict.entries().size());
            return new ArrayList<>(dict.entries().keySet());
        } else if (value instanceof Text text) {
            budget.items(text.value().length());
            List<Value> characters = new ArrayList<>();
            text.value().codePoints().forEach(c -> characters.add(new Text(Character.toString(c))));
            return characters;
        } else if (value instanceof Undefined) {
            return List.of();
        }
        throw new TemplateError("'" + type(value) + "' object is not iterable");
    }

    /** A value as a mapping's key: scalars only, so that no key is costly to compare. */
    static Value key(Value value) {
        if (value instanceof Text text) {
            return text.safe() ? new Text(text.value()) : text;
        } else if (value instanceof Items || value instanceof Dict) {
            throw new TemplateError("unhashable type: '" + type(value) + "'");
        }
        return value;
    }
}
