/** The tunegate command: serve, demo, keys, models. */
@NullMarked
package dev.tunegate.gateway.cli;

import org.jspecify.annotations.NullMarked;
