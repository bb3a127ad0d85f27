/** What {@code tunegate.yaml} says: upstreams, aliases, limits; and where a model's name leads. */
@NullMarked
package dev.tunegate.gateway.config;

import org.jspecify.annotations.NullMarked;
