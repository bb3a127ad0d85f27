/** The server side of the worker protocol: claims, leases, progress, checkpoints. */
@NullMarked
package dev.tunegate.gateway.worker;

import org.jspecify.annotations.NullMarked;
