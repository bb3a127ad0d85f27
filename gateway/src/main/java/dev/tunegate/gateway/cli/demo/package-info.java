/** `tunegate demo`: a fine-tuning from upload to answer, told on a terminal, over the same HTTP that any client uses. */
@NullMarked
package dev.tunegate.gateway.cli.demo;

import org.jspecify.annotations.NullMarked;
