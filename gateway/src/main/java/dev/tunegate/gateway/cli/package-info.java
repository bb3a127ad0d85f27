/** The {@code tunegate} command: serve, demo, keys, config, bench. */
@NullMarked
package dev.tunegate.gateway.cli;

import org.jspecify.annotations.NullMarked;
