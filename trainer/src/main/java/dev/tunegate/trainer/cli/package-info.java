/** The trainer's commands: worker, train, models import, and what else touches tensors. */
@NullMarked
package dev.tunegate.trainer.cli;

import org.jspecify.annotations.NullMarked;
