package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Real;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Arithmetic and comparison, with Python's rules and messages. */
final class Operators {

    // This is far beyond what a template counts, and small enough that no product takes long.
    private static final int MOST_BITS = 4096;

    private final Budget budget;

    Operators(Budget budget) {
        this.budget = budget;
    }

    Value binary(String operator, Value left, Value right) {
        Values.defined(left);
        Values.defined(right);
        if (Values.isWhole(left) && Values.isWhole(right)) {
            return whole(operator, left, right);
        } else if (Values.isNumber(left) && Values.isNumber(right)) {
            return new Real(real(operator, Values.real(left), Values.real(right)));
        } else if (operator.equals("+") && left instanceof Text a && right instanceof Text b) {
            return concat(a, b);
        } else if (operator.equals("+")
                && left instanceof Items a
                && right instanceof Items b
                && a.tuple() == b.tuple()) {
            budget.items((long) a.items().size() + b.items().size());
            List<Value> both = new ArrayList<>(a.items());
            both.addAll(b.items());
            return new Items(both, a.tuple());
        } else if (operator.equals("*") && Values.isWhole(right)) {
            return repeat(left, right);
        } else if (operator.equals("*") && Values.isWhole(left)) {
            return repeat(right, left);
        } else if (operator.equals("+") && left instanceof Text) {
            throw new TemplateError("can only concatenate str (not \"" + Values.type(right) + "\") to str");
        } else if (operator.equals("%") && left instanceof Text format) {
            return Formats.percent(format.value(), right, budget);
        }
        throw unsupported(operator, left, right);
    }

    private Text concat(Text left, Text right) {
        boolean safe = left.safe() || right.safe();
        String a = safe && !left.safe() ? TextFilters.escapeHtml(left.value()) : left.value();
        String b = safe && !right.safe() ? TextFilters.escapeHtml(right.value()) : right.value();
        budget.text((long) a.length() + b.length());
        return new Text(a + b, safe);
    }

    private Value repeat(Value value, Value count) {
        long times = Math.max(0, Values.index(count, "the count"));
        if (value instanceof Text text) {
            budget.text(text.value().length() * times);
            return new Text(text.value().isEmpty() ? "" : text.value().repeat((int) times), text.safe());
        } else if (value instanceof Items list) {
            budget.items(list.items().size() * times);
            List<Value> all = new ArrayList<>();
            for (int i = 0; i < times && !list.items().isEmpty(); i++) {
                all.addAll(list.items());
            }
            return new Items(all, list.tuple());
        }
        throw unsupported("*", value, count);
    }

    private static Value whole(String operator, Value left, Value right) {
        BigInteger a = Values.whole(left, "the operand");
        BigInteger b = Values.whole(right, "the operand");
        if (b.signum() == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new TemplateError("division by zero");
        }
        if (operator.equals("**") && b.signum() < 0) {
            return new Real(Math.pow(a.doubleValue(), b.doubleValue()));
        }
        return switch (operator) {
            case "+" -> bounded(a.add(b));
            case "-" -> bounded(a.subtract(b));
            case "*" -> bounded(a.multiply(b));
            case "/" -> new Real(a.doubleValue() / b.doubleValue());
            case "//" -> new Int(floorDivide(a, b));
            case "%" -> new Int(a.subtract(floorDivide(a, b).multiply(b)));
            case "**" -> power(a, b);
            default -> throw unsupported(operator, left, right);
        };
    }

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        return parts[1].signum() != 0 && parts[1].signum() != b.signum() ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Value power(BigInteger a, BigInteger b) {
        if (b.bitLength() >= Integer.SIZE || (long) a.bitLength() * b.intValue() > MOST_BITS) {
            throw new TemplateError("computes a number of more than " + MOST_BITS + " bits");
        }
        return new Int(a.pow(b.intValue()));
    }

    private static Int bounded(BigInteger value) {
        if (value.bitLength() > MOST_BITS) {
            throw new TemplateError("computes a number of more than " + MOST_BITS + " bits");
        }
        return new Int(value);
    }

    private static double real(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new TemplateError("float division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - Math.floor(a / b) * b;
            case "**" -> Math.pow(a, b);
            default -> throw new TemplateError("unknown operator '" + operator + "'");
        };
    }

    private static TemplateError unsupported(String operator, Value left, Value right) {
        return new TemplateError("unsupported operand type(s) for " + operator + ": '" + Values.type(left) + "' and '"
                + Values.type(right) + "'");
    }

    Value sign(String operator, Value operand) {
        Values.defined(operand);
        boolean minus = operator.equals("-");
        if (operand instanceof Real number) {
            return new Real(minus ? -number.value() : number.value());
        } else if (Values.isWhole(operand)) {
            BigInteger value = Values.whole(operand, "the operand");
            return new Int(minus ? value.negate() : value);
        }
        throw new TemplateError("bad operand type for unary " + operator + ": '" + Values.type(operand) + "'");
    }

    boolean compare(String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            case "<" -> order(left, right, operator) < 0;
            case "<=" -> order(left, right, operator) <= 0;
            case ">" -> order(left, right, operator) > 0;
            case ">=" -> order(left, right, operator) >= 0;
            default -> throw new TemplateError("unknown operator '" + operator + "'");
        };
    }

    boolean equal(Value left, Value right) {
        budget.step();
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return compareNumbers(left, right) == 0;
        } else if (left instanceof Text a && right instanceof Text b) {
            budget.text(Math.min(a.value().length(), b.value().length()));
            return a.value().equals(b.value());
        } else if (left instanceof Items a && right instanceof Items b) {
            return a.tuple() == b.tuple() && a.items().size() == b.items().size() && allEqual(a.items(), b.items());
        } else if (left instanceof Dict a && right instanceof Dict b) {
            return a.entries().size() == b.entries().size() && allEqual(a.entries(), b.entries());
        }
        return left == right || (left instanceof Undefined && right instanceof Undefined);
    }

    private boolean allEqual(List<Value> left, List<Value> right) {
        budget.enter();
        boolean equal = true;
        for (int i = 0; equal && i < left.size(); i++) {
            equal = equal(left.get(i), right.get(i));
        }
        budget.leave();
        return equal;
    }

    private boolean allEqual(Map<Value, Value> left, Map<Value, Value> right) {
        budget.enter();
        boolean equal = true;
        for (Map.Entry<Value, Value> entry : left.entrySet()) {
            Value other = right.get(entry.getKey());
            equal = equal && other != null && equal(entry.getValue(), other);
        }
        budget.leave();
        return equal;
    }

    boolean contains(Value container, Value item) {
        if (container instanceof Text text) {
            if (item instanceof Text part) {
                budget.search(text.value(), part.value());
                return text.value().contains(part.value());
            }
            throw new TemplateError("'in <string>' requires string as left operand, not " + Values.type(item));
        } else if (container instanceof Dict dict) {
            return dict.entries().containsKey(Values.key(item));
        } else if (container instanceof Items || container instanceof Undefined) {
            for (Value candidate : Values.iterate(container, budget)) {
                if (equal(candidate, item)) {
                    return true;
                }
            }
            return false;
        }
        throw new TemplateError("argument of type '" + Values.type(container) + "' is not iterable");
    }

    /** How two values sort, for the comparison operators and for sorting. */
    int order(Value left, Value right, String operator) {
        budget.step();
        Values.defined(left);
        Values.defined(right);
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return compareNumbers(left, right);
        } else if (left instanceof Text a && right instanceof Text b) {
            budget.text(Math.min(a.value().length(), b.value().length()));
            return compareCodePoints(a.value(), b.value());
        } else if (left instanceof Items a && right instanceof Items b && a.tuple() == b.tuple()) {
            return order(a.items(), b.items(), operator);
        }
        throw new TemplateError("'" + operator + "' not supported between instances of '" + Values.type(left)
                + "' and '" + Values.type(right) + "'");
    }

    private int order(List<Value> left, List<Value> right, String operator) {
        budget.enter();
        int common = Math.min(left.size(), right.size());
        int order = Integer.compare(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            if (!equal(left.get(i), right.get(i))) {
                order = order(left.get(i), right.get(i), operator);
                break;
            }
        }
        budget.leave();
        return order;
    }

    private static int compareNumbers(Value left, Value right) {
        if (isSpecial(left) || isSpecial(right)) {
            return Double.compare(Values.real(left), Values.real(right));
        }
        return exact(left).compareTo(exact(right));
    }

    private static boolean isSpecial(Value value) {
        return value instanceof Real number && !Double.isFinite(number.value());
    }

    // Python compares exactly: 2^53 + 1 is not 2^53 + 1.0, which no float can hold.
    private static BigDecimal exact(Value value) {
        return value instanceof Real number
                ? new BigDecimal(number.value())
                : new BigDecimal(Values.whole(value, "the operand"));
    }

    private static int compareCodePoints(String left, String right) {
        int i = 0;
        while (i < left.length() && i < right.length() && left.charAt(i) == right.charAt(i)) {
            i++;
        }
        if (i == left.length() || i == right.length()) {
            return Integer.compare(left.length(), right.length());
        }
        boolean pair = i > 0 && Character.isHighSurrogate(left.charAt(i - 1));
        int from = pair ? i - 1 : i;
        return Integer.compare(left.codePointAt(from), right.codePointAt(from));
    }
}
