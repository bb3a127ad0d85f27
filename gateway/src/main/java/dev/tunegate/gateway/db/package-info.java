/** The connection pool, migrations, named SQL, and the embedded Postgres. */
@NullMarked
package dev.tunegate.gateway.db;

import org.jspecify.annotations.NullMarked;
