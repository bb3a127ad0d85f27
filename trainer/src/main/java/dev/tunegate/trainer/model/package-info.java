/** The decoder, with its families told apart by switches read from config.json. */
@NullMarked
package dev.tunegate.trainer.model;

import org.jspecify.annotations.NullMarked;
