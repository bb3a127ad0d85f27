/** Chat answers that are kept: heard on their way to the client, stored before their end, read and deleted later. */
@NullMarked
package dev.tunegate.gateway.capture;

import org.jspecify.annotations.NullMarked;
