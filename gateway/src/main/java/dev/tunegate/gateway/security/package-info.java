/** API keys and projects. */
@NullMarked
package dev.tunegate.gateway.security;

import org.jspecify.annotations.NullMarked;
