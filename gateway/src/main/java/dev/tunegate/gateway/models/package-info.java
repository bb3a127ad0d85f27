/** Knows which models there are, base models and fine-tuned ones, and where each of them trains and answers. */
@NullMarked
package dev.tunegate.gateway.models;

import org.jspecify.annotations.NullMarked;
