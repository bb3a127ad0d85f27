/**
 * Our own interpreter for the Jinja that chat templates are written in. Templates come with models from anywhere, so
 * they are data, not code: there is no value that leads to a Java object, no way to a file or a class, and every
 * rendering has a bound on its steps, its depth and its output. What a message says is only ever a value.
 *
 * <p>The reference is Jinja2 3.1 as Hugging Face transformers sets it up: {@code trim_blocks}, {@code lstrip_blocks},
 * loop controls, an immutable sandbox, and its own {@code tojson}.
 */
@NullMarked
package dev.tunegate.trainer.text.jinja;

import org.jspecify.annotations.NullMarked;
