package dev.tunegate.trainer.text.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Real;
import dev.tunegate.trainer.text.jinja.Value.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON to values, and values to JSON as Python's {@code json.dumps} writes them. */
final class Json {

    /**
     * How {@code json.dumps} is asked to write.
     *
     * @param indent what a level is indented by; null for one line
     */
    record Style(@Nullable String indent, String itemSeparator, String keySeparator, boolean ascii, boolean sorted) {}

    private final StringBuilder json = new StringBuilder();
    private final Style style;
    private final Budget budget;

    private Json(Style style, Budget budget) {
        this.style = style;
        this.budget = budget;
    }

    static Value toValue(JsonNode node) {
        if (node.isTextual()) {
            return new Text(node.textValue());
        } else if (node.isBoolean()) {
            return Bool.of(node.booleanValue());
        } else if (node.isIntegralNumber()) {
            return new Int(node.bigIntegerValue());
        } else if (node.isNumber()) {
            return new Real(node.doubleValue());
        } else if (node.isArray()) {
            List<Value> items = new ArrayList<>(node.size());
            node.forEach(item -> items.add(toValue(item)));
            return Items.list(items);
        } else if (node.isObject()) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            node.properties().forEach(entry -> entries.put(new Text(entry.getKey()), toValue(entry.getValue())));
            return new Dict(entries);
        }
        return None.NONE;
    }

    static String write(Value value, Style style, Budget budget) {
        Json writer = new Json(style, budget);
        writer.append(value, 0);
        return writer.json.toString();
    }

    private void append(Value value, int level) {
        budget.step();
        budget.enter();
        if (value instanceof Text text) {
            quote(text.value());
        } else if (value instanceof Items list) {
            appendItems(list, level);
        } else if (value instanceof Dict dict) {
            appendDict(dict, level);
        } else {
            json.append(scalar(value));
        }
        budget.leave();
    }

    private static String scalar(Value value) {
        if (value instanceof None) {
            return "null";
        } else if (value instanceof Bool bool) {
            return bool == Bool.TRUE ? "true" : "false";
        } else if (value instanceof Int number) {
            return number.value().toString();
        } else if (value instanceof Real number) {
            String text = PythonText.real(number.value());
            return text.equals("nan") ? "NaN" : text.replace("inf", "Infinity");
        }
        throw new TemplateError("Object of type " + Values.type(value) + " is not JSON serializable");
    }

    private void appendItems(Items list, int level) {
        json.append('[');
        boolean first = true;
        for (Value item : list.items()) {
            separate(first, level + 1);
            append(item, level + 1);
            first = false;
        }
        close(']', first, level);
    }

    private void appendDict(Dict dict, int level) {
        Map<String, Value> entries = style.sorted() ? new TreeMap<>() : new LinkedHashMap<>();
        dict.entries()
                .forEach((key, value) -> entries.put(key instanceof Text text ? text.value() : scalar(key), value));
        json.append('{');
        boolean first = true;
        for (Map.Entry<String, Value> entry : entries.entrySet()) {
            separate(first, level + 1);
            quote(entry.getKey());
            budget.built(json.length(), style.keySeparator().length());
            json.append(style.keySeparator());
            append(entry.getValue(), level + 1);
            first = false;
        }
        close('}', first, level);
    }

    private void separate(boolean first, int level) {
        if (!first) {
            budget.built(json.length(), style.itemSeparator().length());
            json.append(style.itemSeparator());
        }
        newLine(level);
    }

    private void close(char bracket, boolean empty, int level) {
        if (!empty) {
            newLine(level);
        }
        json.append(bracket);
    }

    private void newLine(int level) {
        if (style.indent() != null) {
            budget.built(json.length(), (long) style.indent().length() * level);
            json.append('\n').append(style.indent().repeat(level));
        }
    }

    private void quote(String text) {
        budget.built(json.length(), text.length());
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                default -> {
                    if (c < 0x20 || (style.ascii() && c > 0x7E)) {
                        budget.step();
                        json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
