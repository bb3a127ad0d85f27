/** Measures training on this machine; {@code ./tunegate bench train}. */
@NullMarked
package dev.tunegate.trainer.bench;

import org.jspecify.annotations.NullMarked;
