/** Tokenizers and chat templates: from messages to text, to token ids, to loss spans. */
@NullMarked
package dev.tunegate.trainer.text;

import org.jspecify.annotations.NullMarked;
