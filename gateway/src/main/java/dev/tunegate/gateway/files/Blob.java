package dev.tunegate.gateway.files;

/**
 * Bytes that are durable.
 *
 * @param id chosen by the store
 * @param sha256 64 lower-case hexadecimal digits
 */
public record Blob(String id, long bytes, String sha256) {}
