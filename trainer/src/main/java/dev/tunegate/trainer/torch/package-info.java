/** The op pack and the only code that imports DJL's engine classes. */
@NullMarked
package dev.tunegate.trainer.torch;

import org.jspecify.annotations.NullMarked;
