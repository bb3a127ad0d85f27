/** What the gateway costs a request, measured. */
@NullMarked
package dev.tunegate.gateway.bench;

import org.jspecify.annotations.NullMarked;
