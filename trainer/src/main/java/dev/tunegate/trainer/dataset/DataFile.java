package dev.tunegate.trainer.dataset;

import java.nio.file.Path;

/**
 * A job's file of examples, and how its faults are named.
 *
 * @param path where its bytes are
 * @param role what the job uses it for
 * @param id the name a person knows it by: the file's id, or offline its path
 */
public record DataFile(Path path, Role role, String id) {

    /** What a file is for. */
    public enum Role {
        /** The file is learned from. */
        TRAINING("training"),
        /** The file is only measured on. */
        VALIDATION("validation");

        private final String word;

        Role(String word) {
            this.word = word;
        }
    }

    /** A file with fewer examples is refused, as OpenAI does. */
    static final int FEWEST_EXAMPLES = 10;

    InvalidDataset tooFew(int examples) {
        String file = role == Role.TRAINING ? "Training" : "Validation";
        return new InvalidDataset(
                "invalid_n_examples",
                "%s file has %d example(s), but must have at least %d examples"
                        .formatted(file, examples, FEWEST_EXAMPLES),
                param());
    }

    InvalidDataset invalid(String what) {
        String message = "The job failed due to an invalid %s file. %s".formatted(role.word, what);
        return new InvalidDataset("invalid_%s_file".formatted(role.word), message, param());
    }

    private String param() {
        return role.word + "_file";
    }
}
