/** What a project may have and do, so that one alone cannot take all there is. */
@NullMarked
package dev.tunegate.gateway.quotas;

import org.jspecify.annotations.NullMarked;
