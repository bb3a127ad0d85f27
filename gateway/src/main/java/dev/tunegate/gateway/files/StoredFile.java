package dev.tunegate.gateway.files;

import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A row of `files`. */
public record StoredFile(
        String id,
        String purpose,
        String filename,
        long bytes,
        String blobId,
        OffsetDateTime createdAt,
        @Nullable OffsetDateTime expiresAt) {}
