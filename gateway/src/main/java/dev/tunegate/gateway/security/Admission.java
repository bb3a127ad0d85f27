package dev.tunegate.gateway.security;

import java.util.Optional;

/**
 * What the keys say about a request.
 *
 * @param isKeyRequired whether any API key was ever made
 * @param key the key in force that it carries
 */
record Admission(boolean isKeyRequired, Optional<ApiKey> key) {}
