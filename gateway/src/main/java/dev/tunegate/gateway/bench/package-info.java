/** What the gateway costs a request, and what it takes to hold one up, measured. */
@NullMarked
package dev.tunegate.gateway.bench;

import org.jspecify.annotations.NullMarked;
