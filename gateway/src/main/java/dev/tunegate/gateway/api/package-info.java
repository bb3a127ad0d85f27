/** One class per OpenAI resource; routing by operationId from openapi.yaml; errors in OpenAI's shape. */
@NullMarked
package dev.tunegate.gateway.api;

import org.jspecify.annotations.NullMarked;
