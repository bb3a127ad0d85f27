/** What workers are given to do: rows that one worker at a time holds, by a lease and under a number that only grows. */
@NullMarked
package dev.tunegate.gateway.tasks;

import org.jspecify.annotations.NullMarked;
