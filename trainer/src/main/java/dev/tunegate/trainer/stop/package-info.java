/** How work that takes long hears that nobody wants it any more. */
@NullMarked
package dev.tunegate.trainer.stop;

import org.jspecify.annotations.NullMarked;
