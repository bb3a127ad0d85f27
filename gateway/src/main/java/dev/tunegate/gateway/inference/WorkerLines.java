package dev.tunegate.gateway.inference;

import io.vertx.core.buffer.Buffer;
import java.util.function.UnaryOperator;

/**
 * What of a worker's events its client gets. Signs of life are left out, so that a client has got nothing until there is
 * something to get, and another worker can be asked. An error in place of the first event becomes the error that it would
 * have been, had no sign of life gone out before.
 */
final class WorkerLines implements UnaryOperator<Buffer> {
    private final UnaryOperator<Buffer> change;
    private boolean hasBegun;

    /** @param change what becomes of the lines that go on */
    WorkerLines(UnaryOperator<Buffer> change) {
        this.change = change;
    }

    @Override
    public Buffer apply(Buffer line) {
        if (line.getByte(0) == ':') {
            return Buffer.buffer();
        }
        if (!hasBegun) {
            hasBegun = true;
            if (RenamedLines.isData(line)) {
                LateError.in(line.getBuffer(RenamedLines.DATA.length, line.length()))
                        .ifPresent(error -> {
                            throw error;
                        });
            }
        }
        return change.apply(line);
    }
}
