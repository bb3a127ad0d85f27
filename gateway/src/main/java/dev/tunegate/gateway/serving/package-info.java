/** Results of training in other engines: loading them there, keeping them loaded, addressing them. */
@NullMarked
package dev.tunegate.gateway.serving;

import org.jspecify.annotations.NullMarked;
