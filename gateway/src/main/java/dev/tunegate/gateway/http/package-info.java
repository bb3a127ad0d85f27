/** What any resource over HTTP needs: the contract, routing, bodies, pages, callers, and errors in OpenAI's shape. */
@NullMarked
package dev.tunegate.gateway.http;

import org.jspecify.annotations.NullMarked;
