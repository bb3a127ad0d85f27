/** Files and the blob store. */
@NullMarked
package dev.tunegate.gateway.files;

import org.jspecify.annotations.NullMarked;
