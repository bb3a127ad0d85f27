package dev.tunegate.gateway.jobs;

import org.jspecify.annotations.Nullable;

/**
 * Why a job failed, as its {@code error} shows it.
 *
 * @param param training_file or validation_file where the fault lies in one of them
 */
public record JobError(
        String code, String message, @Nullable String param) {

    static JobError deletedFile(String field) {
        String file = field.replace('_', ' ');
        return new JobError("deleted_" + field, "The job failed because the " + file + " was deleted", field);
    }

    static JobError workersLost(int tries) {
        return new JobError(
                "worker_lost",
                "The job failed because its worker stopped answering " + tries + " times without getting further. The"
                        + " worker's log tells why; too little memory is the usual reason.",
                null);
    }
}
