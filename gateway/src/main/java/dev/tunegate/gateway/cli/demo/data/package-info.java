/** The demo's dataset: questions about one collection, each with the MongoDB aggregation stages that answer it. */
@NullMarked
package dev.tunegate.gateway.cli.demo.data;

import org.jspecify.annotations.NullMarked;
