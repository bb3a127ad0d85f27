package dev.tunegate.gateway.api;

import dev.tunegate.gateway.db.Sha256;
import dev.tunegate.gateway.files.Blob;
import dev.tunegate.gateway.http.ApiError;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The checked fields of an upload. The file's content is checked by the jobs that use it, not here. */
record FileForm(String purpose, String filename, @Nullable Integer expiresAfterSeconds) {
    private static final List<String> PURPOSES =
            List.of("fine-tune", "assistants", "batch", "user_data", "vision", "evals");
    /** The last two come from people arriving from LiteLLM. */
    private static final Set<String> FIELDS = Set.of(
            "purpose", "expires_after[anchor]", "expires_after[seconds]", "custom_llm_provider", "target_model_names");

    private static final int MIN_SECONDS = 3600;
    private static final int MAX_SECONDS = 2_592_000;

    static FileForm check(Map<String, String> fields, @Nullable String filename) {
        for (String field : fields.keySet()) {
            if (!FIELDS.contains(field)) {
                throw ApiError.badRequest(
                        "Unknown form field: '" + ApiError.quoted(field) + "'", ApiError.quoted(field));
            }
        }
        String purpose = fields.get("purpose");
        if (purpose == null) {
            throw ApiError.badRequest("'purpose' is a required property", "purpose");
        }
        if (!PURPOSES.contains(purpose)) {
            String known = PURPOSES.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", ", "[", "]"));
            throw ApiError.badRequest(
                    "'" + ApiError.quoted(purpose) + "' is not one of " + known + " - 'purpose'", "purpose");
        }
        boolean fineTune = purpose.equals("fine-tune");
        if (filename == null) { // the Java SDK sends an InputStream without a name
            return new FileForm(purpose, fineTune ? "upload.jsonl" : "upload", expiresAfter(fields));
        }
        if (fineTune && !filename.endsWith(".jsonl")) {
            throw ApiError.badRequest("Invalid file format for Fine-Tuning API. Must be .jsonl", "file");
        }
        return new FileForm(purpose, filename, expiresAfter(fields));
    }

    /** What tells the upload from another: not the form, whose boundary is new each time. */
    String sha256(Blob blob) {
        return Sha256.hex(String.join("\n", purpose, filename, String.valueOf(expiresAfterSeconds), blob.sha256()));
    }

    private static @Nullable Integer expiresAfter(Map<String, String> fields) {
        String anchor = fields.get("expires_after[anchor]");
        String seconds = fields.get("expires_after[seconds]");
        if (anchor == null && seconds == null) {
            return null;
        }
        if (!"created_at".equals(anchor)) {
            throw ApiError.badRequest("expires_after[anchor] must be 'created_at'.", "expires_after");
        }
        if (seconds == null || !seconds.matches("\\d{1,9}") || !inRange(Integer.parseInt(seconds))) {
            throw ApiError.badRequest(
                    "expires_after[seconds] must be an integer from " + MIN_SECONDS + " to " + MAX_SECONDS + ".",
                    "expires_after");
        }
        return Integer.valueOf(seconds);
    }

    private static boolean inRange(int seconds) {
        return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS;
    }
}
