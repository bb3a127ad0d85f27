package dev.tunegate.trainer.dataset;

/** A training or validation file that cannot be trained on, said the way the job's {@code error} says it. */
public final class InvalidDataset extends Exception {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final String param;

    /**
     * Makes the fault of one file.
     *
     * @param code the error's code, such as {@code invalid_training_file}
     * @param message the whole sentence for the person who uploaded the file
     * @param param {@code training_file} or {@code validation_file}
     */
    public InvalidDataset(String code, String message, String param) {
        super(message);
        this.code = code;
        this.param = param;
    }

    /** The error's code. */
    public String code() {
        return code;
    }

    /** Which of the job's files is at fault. */
    public String param() {
        return param;
    }

    /** The sentence for the person who uploaded the file. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
