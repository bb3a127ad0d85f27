package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tunegate.trainer.checkpoint.FileZip;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Where a training stands: a zip of this record as JSON and the weights and moments as safetensors. The data's order and
 * the dropout masks follow from the seed and the step, so nothing else is needed to go on with the same results.
 *
 * @param training tells one training from another, see {@link Fingerprint}
 * @param metrics of all steps so far
 * @param plan how the steps' examples went through the model: micro-batches that are distributed otherwise draw other dropout
 *     masks; null in a state that was written before plans were kept
 * @param learned what the last step has trained with, where its validation is still to come; null as a rule
 */
record ResumeState(
        @JsonProperty("training") String training,
        @JsonProperty("step") int step,
        @JsonProperty("trained_tokens") long trainedTokens,
        @JsonProperty("metrics") List<StepMetrics> metrics,
        @JsonProperty("plan") @Nullable MemoryPlan plan,

        @JsonProperty("learned") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        Metrics learned) {

    static final String WEIGHTS = "weights.safetensors";
    static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final Map<String, Long> MAX_BYTES = Map.of(STATE, 1L << 30, WEIGHTS, 1L << 40, OPTIMIZER, 1L << 41);
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** Writes state, weights and moments into one file, which appears when it is complete. */
    void write(Learner learner, Path file, Path scratch, Stop stop) throws IOException {
        Files.createDirectories(scratch);
        learner.saveState(scratch);
        JSON.writeValue(scratch.resolve(STATE).toFile(), this);
        FileZip.pack(scratch, List.of(STATE, WEIGHTS, OPTIMIZER), file, stop);
    }

    /**
     * Sets the learner back to what the file holds.
     *
     * @throws NotResumable when it does not belong to this training
     */
    static ResumeState read(Learner learner, Path file, Fingerprint training, Path scratch, Stop stop)
            throws IOException {
        try {
            FileZip.unpack(file, MAX_BYTES, scratch, stop);
            ResumeState state = JSON.readValue(scratch.resolve(STATE).toFile(), ResumeState.class);
            if (!training.matches(state.training)) {
                throw new NotResumable(
                        "it belongs to other data, hyperparameters, another adapter to start from or another seed");
            }
            learner.restoreState(scratch);
            return state;
        } catch (JsonProcessingException e) {
            throw new NotResumable("its %s is not readable".formatted(STATE));
        } catch (ZipException e) {
            throw new NotResumable("it is broken: " + e.getMessage());
        }
    }
}
