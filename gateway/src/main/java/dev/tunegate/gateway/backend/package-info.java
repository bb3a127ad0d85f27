/** Where a job runs. */
@NullMarked
package dev.tunegate.gateway.backend;

import org.jspecify.annotations.NullMarked;
