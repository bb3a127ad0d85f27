/** Answers: sampling over a KV cache, with adapters applied without merging. */
@NullMarked
package dev.tunegate.trainer.generation;

import org.jspecify.annotations.NullMarked;
