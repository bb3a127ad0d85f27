/** The gateway as a whole: what is started, in which order, and stopped again. */
@NullMarked
package dev.tunegate.gateway;

import org.jspecify.annotations.NullMarked;
