/** Supervised training: hyperparameters, schedule, optimizer, loop, checkpoints, resume. */
@NullMarked
package dev.tunegate.trainer.training;

import org.jspecify.annotations.NullMarked;
