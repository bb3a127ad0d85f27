/** Low-rank adapters: where they attach, their weights, and PEFT's file format. */
@NullMarked
package dev.tunegate.trainer.lora;

import org.jspecify.annotations.NullMarked;
