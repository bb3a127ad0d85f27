/** The fine-tuning job: its states, its events, its store. */
@NullMarked
package dev.tunegate.gateway.jobs;

import org.jspecify.annotations.NullMarked;
