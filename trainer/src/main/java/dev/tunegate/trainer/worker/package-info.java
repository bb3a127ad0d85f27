/** The worker: client of the gateway's /worker/v1 protocol and server of chat requests. */
@NullMarked
package dev.tunegate.trainer.worker;

import org.jspecify.annotations.NullMarked;
