/** Hugging Face model directories: config.json and safetensors, read and written. */
@NullMarked
package dev.tunegate.trainer.checkpoint;

import org.jspecify.annotations.NullMarked;
