/** Other hosts with OpenAI's API: how they are asked, and what of their answers may be shown. */
@NullMarked
package dev.tunegate.gateway.upstream;

import org.jspecify.annotations.NullMarked;
