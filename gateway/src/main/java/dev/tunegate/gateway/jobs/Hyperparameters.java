package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.Json;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The hyperparameters a job may name, with what each of them may be. Every one may be "auto", too. */
public final class Hyperparameters {
    private static final TextNode AUTO = TextNode.valueOf("auto");
    private static final Set<String> ALWAYS_SHOWN = Set.of("n_epochs", "batch_size", "learning_rate_multiplier");
    private static final String BETA = "beta";
    private static final String DPO = "dpo";
    private static final Map<String, Rule> RULES = rules();

    private Hyperparameters() {}

    /** OpenAI's, then the extensions, in the order in which a job shows them. */
    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new LinkedHashMap<>();
        rules.put("n_epochs", new Whole(1, 50));
        rules.put("batch_size", new Whole(1, 256));
        rules.put("learning_rate_multiplier", new Above0(10_000));
        rules.put(BETA, new Above0(2));
        rules.put("lora_r", new Whole(1, 1024));
        rules.put("lora_alpha", new Above0(65_536));
        rules.put("lora_dropout", new Below(1));
        rules.put("target_modules", new Modules());
        rules.put("learning_rate", new Above0(1));
        rules.put("warmup_ratio", new Below(1));
        rules.put("weight_decay", new Below(10));
        rules.put("max_grad_norm", new Above0(1_000_000));
        rules.put("context_length", new Whole(8, 1 << 20));
        rules.put("early_stopping_patience", new Whole(1, 50));
        rules.put("gradient_checkpointing", new TrueOrFalse());
        return rules;
    }

    /**
     * Checks both objects and merges them: the method's own values win, then the top-level ones; OpenAI's are
     * "auto" where neither has them.
     *
     * @param method its type: beta is for dpo alone
     */
    public static ObjectNode merge(String method, @Nullable JsonNode ofMethod, @Nullable JsonNode topLevel) {
        ObjectNode merged = Json.MAPPER.createObjectNode();
        ALWAYS_SHOWN.forEach(name -> merged.set(name, AUTO));
        if (method.equals(DPO)) {
            merged.set(BETA, AUTO);
        }
        if (topLevel != null) {
            merged.setAll(checked(method, topLevel));
        }
        if (ofMethod != null) {
            merged.setAll(checked(method, ofMethod));
        }
        return inOrder(merged);
    }

    /** Those of another host's that this API can show. */
    public static ObjectNode understood(JsonNode theirs) {
        ObjectNode understood = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> member : theirs.properties()) {
            Rule rule = RULES.get(member.getKey());
            JsonNode value = rule == null ? null : rule.accept(member.getValue());
            if (value != null) {
                understood.set(member.getKey(), value);
            }
        }
        return understood;
    }

    /** The same members in the order of the rules. */
    public static ObjectNode inOrder(JsonNode hyperparameters) {
        ObjectNode ordered = Json.MAPPER.createObjectNode();
        for (String name : RULES.keySet()) {
            JsonNode value = hyperparameters.get(name);
            if (value != null) {
                ordered.set(name, value);
            }
        }
        return ordered;
    }

    private static ObjectNode checked(String method, JsonNode hyperparameters) {
        if (!hyperparameters.isObject()) {
            throw InvalidField.of("hyperparameters", hyperparameters, "input should be an object");
        }
        ObjectNode checked = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> given : hyperparameters.properties()) {
            Rule rule = RULES.get(given.getKey());
            if (rule == null || (given.getKey().equals(BETA) && !method.equals(DPO))) {
                throw InvalidField.unknown(given.getKey(), given.getValue());
            }
            JsonNode value = given.getValue().equals(AUTO) ? AUTO : rule.accept(given.getValue());
            if (value == null) {
                throw InvalidField.of(
                        given.getKey(), given.getValue(), "input should be \"auto\" or " + rule.description());
            }
            checked.set(given.getKey(), value);
        }
        return checked;
    }

    private sealed interface Rule {
        /** The value as it is kept, null when it is not allowed. */
        @Nullable
        JsonNode accept(JsonNode value);

        String description();
    }

    private record Whole(int min, int max) implements Rule {
        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            // 3.0 is 3: some clients have no integers. NaN fails the comparisons.
            double number = value.isNumber() ? value.doubleValue() : Double.NaN;
            boolean allowed = number >= min && number <= max && number == Math.rint(number);
            return allowed ? IntNode.valueOf((int) number) : null;
        }

        @Override
        public String description() {
            return "an integer from " + min + " to " + max;
        }
    }

    private record Above0(double max) implements Rule {
        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            return value.isNumber() && value.doubleValue() > 0 && value.doubleValue() <= max ? value : null;
        }

        @Override
        public String description() {
            return "a number above 0 and at most " + plain(max);
        }
    }

    private record Below(double limit) implements Rule {
        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            return value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() < limit ? value : null;
        }

        @Override
        public String description() {
            return "a number from 0 to less than " + plain(limit);
        }
    }

    private record TrueOrFalse() implements Rule {
        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            return value.isBoolean() ? value : null;
        }

        @Override
        public String description() {
            return "true or false";
        }
    }

    private record Modules() implements Rule {
        private static final int MAX = 64;

        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            if (value.isTextual()) {
                return value.textValue().equals("all-linear") ? value : null;
            }
            Set<String> names = new HashSet<>();
            for (JsonNode name : value) {
                if (!name.isTextual() || !name.textValue().matches("[A-Za-z0-9_]{1,64}")) {
                    return null;
                }
                names.add(name.textValue());
            }
            return value.isArray() && !names.isEmpty() && names.size() == value.size() && names.size() <= MAX
                    ? value
                    : null;
        }

        @Override
        public String description() {
            return "\"all-linear\" or a list of different layer names such as [\"q_proj\", \"v_proj\"]";
        }
    }

    private static String plain(double limit) {
        return BigDecimal.valueOf(limit).stripTrailingZeros().toPlainString();
    }
}
