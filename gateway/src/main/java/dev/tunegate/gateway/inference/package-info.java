/** Who answers a chat request, and the way there. */
@NullMarked
package dev.tunegate.gateway.inference;

import org.jspecify.annotations.NullMarked;
