package dev.tunegate.gateway.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads YAML into values that know their lines; Jackson's own tree has forgotten them. */
final class YamlReader {
    private static final YAMLFactory FACTORY = new YAMLFactory();

    private final YAMLParser parser;
    private final ConfigurationErrors problems;

    private YamlReader(YAMLParser parser, ConfigurationErrors problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** Reads the one document in a text; empty for a text that says nothing, or is no YAML, which is reported. */
    static Yaml read(String text, ConfigurationErrors problems) {
        try (YAMLParser parser = FACTORY.createParser(text)) {
            YamlReader reader = new YamlReader(parser, problems);
            JsonToken first = parser.nextToken();
            Yaml document = first == null ? new Yaml.Empty(1) : reader.value(first);
            if (parser.nextToken() != null) {
                problems.add(reader.line(), "", "a second document begins; the file must have one");
            }
            return document;
        } catch (JsonProcessingException e) {
            // In the parser's own words there are pieces of the file, and a key may be in those.
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
            problems.add(
                    line,
                    "",
                    "this is no YAML: it cannot be read on from column " + column
                            + "; look for a quote or bracket that is not closed, an indentation that differs or has a tab,"
                            + " and a ': ' or a * in a value without quotes");
        } catch (IOException e) {
            throw new IllegalStateException("a string cannot fail to be read", e);
        }
        return new Yaml.Empty(1);
    }

    private Yaml value(JsonToken token) throws IOException {
        int line = line();
        if (parser.isCurrentAlias()) {
            problems.add(line, "", "a * at the beginning refers to another place of the file; put the text in quotes");
            return new Yaml.Text(line, "?");
        }
        return switch (token) {
            case START_OBJECT -> keys(line);
            case START_ARRAY -> items(line);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Yaml.Digits(line, parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> new Yaml.Truth(line);
            case VALUE_NULL -> new Yaml.Empty(line);
            default -> new Yaml.Text(line, Objects.requireNonNullElse(parser.getText(), ""));
        };
    }

    private Yaml keys(int line) throws IOException {
        List<Yaml.Entry> entries = new ArrayList<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            int keyLine = line();
            entries.add(new Yaml.Entry(key, keyLine, value(parser.nextToken())));
        }
        return new Yaml.Keys(line, entries);
    }

    private Yaml items(int line) throws IOException {
        List<Yaml> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(value(token));
        }
        return new Yaml.Items(line, items);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }
}
