/** OpenAI's resources, one class each, and the objects that they answer with. */
@NullMarked
package dev.tunegate.gateway.api;

import org.jspecify.annotations.NullMarked;
