package dev.tunegate.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.chaos.Link.Mode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each mode as a client sees it whose server sends back what it is sent. */
@Tag("chaos")
class LinkTest {
    private static final int SILENCE_MILLIS = 300;
    private static final int PATIENCE_MILLIS = 60_000;

    private ServerSocket echo;
    private Link link;

    @BeforeEach
    void open() throws IOException {
        echo = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Thread server = new Thread(this::serve);
        server.setDaemon(true);
        server.start();
        link = new Link(echo::getLocalPort);
    }

    @AfterEach
    void close() throws IOException {
        link.close();
        echo.close();
    }

    private void serve() {
        try {
            while (true) {
                Socket client = echo.accept();
                Thread one = new Thread(() -> {
                    try (client) {
                        client.getInputStream().transferTo(client.getOutputStream());
                    } catch (IOException e) {
                        // The client has gone.
                    }
                });
                one.setDaemon(true);
                one.start();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void anOpenOrSlowLinkBringsEverything() throws IOException {
        try (Socket client = connect()) {
            assertThat(echo(client, 1)).isEqualTo(1);
            link.set(Mode.SLOW);
            long start = System.nanoTime();
            assertThat(echo(client, 2)).isEqualTo(2);
            assertThat(System.nanoTime() - start).isGreaterThan(200_000_000); // there and back
        }
    }

    @Test
    void aHalfOpenLinkIsSilentAndItsConnectionsStaySo() throws IOException {
        try (Socket before = connect()) {
            assertThat(echo(before, 1)).isEqualTo(1);
            link.set(Mode.HALF_OPEN);
            try (Socket during = connect()) {
                requireSilence(before);
                requireSilence(during);
                link.set(Mode.OPEN);
                requireSilence(before);
                requireSilence(during);
            }
            try (Socket after = connect()) {
                assertThat(echo(after, 2)).isEqualTo(2);
            }
        }
    }

    @Test
    void aCutLinkEndsItsConnectionsAndTakesNone() throws IOException {
        try (Socket before = connect()) {
            assertThat(echo(before, 1)).isEqualTo(1);
            link.set(Mode.CUT);
            requireEnd(before);
            try (Socket during = connect()) {
                requireEnd(during);
            }
            link.set(Mode.OPEN);
            try (Socket after = connect()) {
                assertThat(echo(after, 2)).isEqualTo(2);
            }
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), link.port());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static int echo(Socket client, int sent) throws IOException {
        client.getOutputStream().write(sent);
        return client.getInputStream().read();
    }

    private static void requireSilence(Socket client) throws IOException {
        client.setSoTimeout(SILENCE_MILLIS);
        client.getOutputStream().write(1);
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
    }

    private static void requireEnd(Socket client) {
        try {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(SocketTimeoutException.class); // reset is an end, too
        }
    }
}
