/** The text, the tokenizer and the first weights from which the starter model is trained, all from one seed. */
@NullMarked
package dev.tunegate.trainer.starter;

import org.jspecify.annotations.NullMarked;
