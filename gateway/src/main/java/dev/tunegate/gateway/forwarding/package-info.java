/** Fine-tuning jobs that another host trains: taken there once, mirrored here until they end. */
@NullMarked
package dev.tunegate.gateway.forwarding;

import org.jspecify.annotations.NullMarked;
