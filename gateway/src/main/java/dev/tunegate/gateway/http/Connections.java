package dev.tunegate.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections that are open, of which there are only so many. One over which no admitted request has come yet is a
 * stranger's: where there are too many, the one that has been a stranger for the longest makes room.
 */
final class Connections {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    /** How Vert.x calls its decoder in the pipeline of a connection. */
    private static final String DECODER = "httpDecoder";

    private final HttpServerOptions options;
    private final ServerLimits limits;
    private final Map<HttpConnection, Connection> open = new HashMap<>();
    private final Set<Connection> strangers = new LinkedHashSet<>();
    private final Map<String, Set<Connection>> strangersFrom = new HashMap<>();

    Connections(HttpServerOptions options, ServerLimits limits) {
        this.options = options;
        this.limits = limits;
    }

    /** One connection; all of it happens on its event loop. */
    final class Connection {
        private final HttpConnection http;
        private final String network;
        private final RequestDecoder decoder;
        private final ChannelHandlerContext decoding;
        private @Nullable BodyStream body;
        private boolean isStranger = true;

        private Connection(HttpConnection http) {
            this.http = http;
            this.network = Networks.of(http.remoteAddress());
            LingeringClose closing = new LingeringClose(limits.drain());
            this.decoder = new RequestDecoder(options, limits.head(), closing, this::bodyIsBroken);
            // Vert.x offers no way to set a decoder: it is put into the place of Vert.x's own.
            ChannelPipeline pipeline = ((ConnectionBase) http).channel().pipeline();
            pipeline.addFirst(closing);
            pipeline.replace(DECODER, DECODER, decoder);
            this.decoding = pipeline.context(decoder);
        }

        /** A request has begun to come in. */
        void begin(BodyStream incoming) {
            body = incoming;
        }

        /** Where the request's end is may not be clear: nothing behind its head is read. */
        void refuse() {
            decoder.refuse();
        }

        /** A request that has come over this connection may be answered. */
        void admit() {
            if (isStranger) {
                isStranger = false;
                forget(this);
            }
        }

        /** A request has been answered. Strangers have as little time for the next one as for the first. */
        void answered() {
            if (isStranger) {
                decoder.awaitHead(decoding);
            }
        }

        private void bodyIsBroken(String fault) {
            log.warn("The body of a request from {} is broken: {}", http.remoteAddress(), fault);
            if (body == null || body.isEnded()) {
                http.close();
            } else {
                body.broken();
            }
        }
    }

    synchronized void opened(HttpConnection http) {
        if (open.size() >= limits.connections() && !makeRoom(strangers)) {
            log.warn("{} connections are open; that from {} is closed", open.size(), http.remoteAddress());
            http.close();
            return;
        }
        Connection connection = new Connection(http);
        Set<Connection> neighbours = strangersFrom.computeIfAbsent(connection.network, from -> new LinkedHashSet<>());
        if (neighbours.size() >= limits.strangers()) {
            makeRoom(neighbours);
        }
        open.put(http, connection);
        strangers.add(connection);
        strangersFrom
                .computeIfAbsent(connection.network, from -> new LinkedHashSet<>())
                .add(connection);
        http.closeHandler(closed -> closed(connection));
    }

    /** Null for one that is being closed to make room. */
    synchronized @Nullable Connection find(HttpConnection http) {
        return open.get(http);
    }

    /** Closes the one that has been a stranger for the longest; false where there is none. */
    private boolean makeRoom(Set<Connection> among) {
        Iterator<Connection> oldestFirst = among.iterator();
        if (!oldestFirst.hasNext()) {
            return false;
        }
        Connection oldest = oldestFirst.next();
        log.info("A connection from {} is closed to make room: nobody has shown a key over it", oldest.network);
        closed(oldest);
        oldest.http.close();
        return true;
    }

    private synchronized void closed(Connection connection) {
        open.remove(connection.http);
        forget(connection);
    }

    private synchronized void forget(Connection stranger) {
        strangers.remove(stranger);
        Set<Connection> neighbours = strangersFrom.get(stranger.network);
        if (neighbours != null) {
            neighbours.remove(stranger);
            if (neighbours.isEmpty()) {
                strangersFrom.remove(stranger.network);
            }
        }
    }
}
