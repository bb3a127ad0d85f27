/** Training files: line formats, their checks with line numbers, and batches of tokens. */
@NullMarked
package dev.tunegate.trainer.dataset;

import org.jspecify.annotations.NullMarked;
