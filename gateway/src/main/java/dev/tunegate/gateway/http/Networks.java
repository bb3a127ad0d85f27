package dev.tunegate.gateway.http;

import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Whose address an address is: one subscriber has one address of IPv4, and a whole network of IPv6. */
final class Networks {
    private static final int NETWORK_BYTES = 8;

    private Networks() {}

    static String of(@Nullable SocketAddress address) {
        String host = address == null ? null : address.hostAddress();
        if (host == null || host.indexOf(':') < 0) {
            return String.valueOf(host);
        }
        try {
            return InetAddress.getByName(host) instanceof Inet6Address v6
                    ? HexFormat.of().formatHex(Arrays.copyOf(v6.getAddress(), NETWORK_BYTES)) + "::/64"
                    : host;
        } catch (UnknownHostException e) { // it has a scope that this machine does not know
            return host;
        }
    }
}
