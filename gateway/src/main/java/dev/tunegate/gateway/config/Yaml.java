package dev.tunegate.gateway.config;

import java.util.List;

/** A value and the line in which it begins. */
sealed interface Yaml {
    int line();

    /** The kind of value, in words for a person who meant another. */
    String kind();

    /** A string. */
    record Text(int line, String text) implements Yaml {
        @Override
        public String kind() {
            return "text";
        }
    }

    /** A number, as it is written. */
    record Digits(int line, String text) implements Yaml {
        @Override
        public String kind() {
            return "a number";
        }
    }

    /** {@code true} or {@code false}. */
    record Truth(int line) implements Yaml {
        @Override
        public String kind() {
            return "a truth value";
        }
    }

    /** A key with nothing behind its colon. */
    record Empty(int line) implements Yaml {
        @Override
        public String kind() {
            return "empty";
        }
    }

    /** Values in order. */
    record Items(int line, List<Yaml> items) implements Yaml {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys and values in the file's order, duplicates too. */
    record Keys(int line, List<Entry> entries) implements Yaml {
        @Override
        public String kind() {
            return "a map of keys";
        }
    }

    /** A key, its line and its value. */
    record Entry(String key, int line, Yaml value) {}
}
