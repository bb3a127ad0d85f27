/**
 * Training, supervised and by preferences (DPO): hyperparameters, learning rate schedule, optimizer, the loop with its
 * validation, checkpoints and early stopping, and the resume state from which an interrupted training goes on.
 */
@NullMarked
package dev.tunegate.trainer.training;

import org.jspecify.annotations.NullMarked;
