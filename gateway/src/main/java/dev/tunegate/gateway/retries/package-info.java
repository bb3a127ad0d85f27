/** Creates that are asked for more than once, and make one thing all the same. */
@NullMarked
package dev.tunegate.gateway.retries;

import org.jspecify.annotations.NullMarked;
