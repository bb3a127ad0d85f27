package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.Digests;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.TrainingItem;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tells one training from another: a digest of everything that decides how a training goes. Hyperparameters that are null or
 * their constant automatic value are left out of it, so that a new one, where nobody gives it, leaves every fingerprint as it
 * was; states that were stored before it can still be resumed.
 */
final class Fingerprint {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /**
     * The hyperparameters as they were digested up to version 0.1.0, in this order and all of them. They and {@link #former}
     * may go when no job is left that was paused, or queued again, by a trainer of that version.
     */
    private static final List<String> FORMER = List.of(
            "n_epochs",
            "batch_size",
            "learning_rate_multiplier",
            "lora_r",
            "lora_alpha",
            "lora_dropout",
            "target_modules",
            "learning_rate",
            "warmup_ratio",
            "weight_decay",
            "max_grad_norm",
            "context_length",
            "beta",
            "early_stopping_patience",
            "gradient_checkpointing");

    private final List<? extends TrainingItem> examples;
    private final Hyperparameters hyperparameters;
    private final long seed;
    private final String start;
    private final String value;

    /** @param start what {@link Learner#start} says */
    Fingerprint(List<? extends TrainingItem> examples, Hyperparameters hyperparameters, long seed, String start) {
        this.examples = examples;
        this.hyperparameters = hyperparameters;
        this.seed = seed;
        this.start = start;
        this.value = digest(distinctive(hyperparameters));
    }

    /** What a resume state is stored with. */
    String value() {
        return value;
    }

    /** Whether a resume state that was stored with this value belongs to the training. */
    boolean matches(String stored) {
        return stored.equals(value) || stored.equals(former());
    }

    /** What trainers up to 0.1.0 stored; empty for a training that those of before could not run. */
    private String former() {
        if (!FORMER.containsAll(distinctive(hyperparameters).keySet())) {
            return "";
        }
        JsonNode all = JSON.valueToTree(hyperparameters);
        ObjectNode former = JSON.createObjectNode();
        FORMER.forEach(name -> former.set(name, all.path(name)));
        return digest(former);
    }

    /** The hyperparameters that say more than "auto" would, by name. */
    private static Map<String, Object> distinctive(Hyperparameters hyperparameters) {
        JsonNode all = JSON.valueToTree(hyperparameters);
        Map<String, Object> distinctive = new TreeMap<>();
        for (RecordComponent component : Hyperparameters.class.getRecordComponents()) {
            JsonProperty property =
                    Objects.requireNonNull(component.getAccessor().getAnnotation(JsonProperty.class));
            JsonNode given = all.path(property.value());
            boolean auto = given.isNull() || (given.isNumber() && given.asText().equals(property.defaultValue()));
            if (!auto) {
                distinctive.put(property.value(), given.isArray() ? inOrder(given) : given);
            }
        }
        return distinctive;
    }

    /** Module names come from sets, whose order may be another one in every JVM. */
    private static SortedSet<String> inOrder(JsonNode names) {
        SortedSet<String> sorted = new TreeSet<>();
        names.forEach(name -> sorted.add(name.asText()));
        return sorted;
    }

    private String digest(Object asJson) {
        try {
            MessageDigest digest = Digests.sha256();
            digest.update(JSON.writeValueAsBytes(asJson));
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, seed));
            digest.update(start.getBytes(StandardCharsets.UTF_8));
            for (TrainingItem example : examples) {
                for (Example sequence : example.sequences()) {
                    ByteBuffer bytes = ByteBuffer.allocate(sequence.tokens().length * (Integer.BYTES + 1));
                    for (int i = 0; i < sequence.tokens().length; i++) {
                        bytes.putInt(sequence.tokens()[i]).put((byte) (sequence.trained()[i] ? 1 : 0));
                    }
                    digest.update(bytes.flip());
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("hyperparameters are plain numbers", e);
        }
    }
}
