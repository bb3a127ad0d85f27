/** Answers chat requests over HTTP in OpenAI's shape, from base models and fine-tuned ones. */
@NullMarked
package dev.tunegate.trainer.inference;

import org.jspecify.annotations.NullMarked;
