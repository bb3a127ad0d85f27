package dev.tunegate.gateway.bench;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The attacks that one key is enough for. */
final class Attacks {
    private static final int MEGABYTE = 1024 * 1024;
    private static final int STALLING = 15;

    private Attacks() {}

    static List<Attack> all(InetSocketAddress gateway, String key) {
        List<Attack> attacks = new ArrayList<>();
        attacks.add(emptyObjects(gateway, key));
        for (int i = 0; i < STALLING; i++) {
            attacks.add(stalled(gateway, key));
        }
        attacks.add(emptyParts(gateway, key));
        return attacks;
    }

    /** Thirty megabytes of JSON that are ten million objects. */
    private static Attack emptyObjects(InetSocketAddress gateway, String key) {
        String block = "{},".repeat(MEGABYTE / 3);
        String begin = "{\"model\":\"gpt-4\",\"messages\":[";
        int length = begin.length() + 30 * block.length() + 3;
        return new Attack("empty objects", gateway, chat(gateway, key, length) + begin, block, 30);
    }

    /** A body of which all but the last megabyte comes. */
    private static Attack stalled(InetSocketAddress gateway, String key) {
        return new Attack(
                "stalled bodies",
                gateway,
                chat(gateway, key, 32 * MEGABYTE) + "{\"model\":\"",
                "x".repeat(MEGABYTE),
                31);
    }

    /** A form of parts that have long names and nothing in them. */
    private static Attack emptyParts(InetSocketAddress gateway, String key) {
        String part = "--b\r\nContent-Disposition: form-data; name=\"" + "n".repeat(15_000) + "\"\r\n\r\n\r\n";
        String head = "POST /v1/files HTTP/1.1\r\n" + common(gateway, key)
                + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: " + 500 * MEGABYTE + "\r\n\r\n";
        return new Attack("empty parts", gateway, head, part, 500 * MEGABYTE / part.length());
    }

    private static String chat(InetSocketAddress gateway, String key, int length) {
        return "POST /v1/chat/completions HTTP/1.1\r\n" + common(gateway, key)
                + "Content-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private static String common(InetSocketAddress gateway, String key) {
        return "Host: 127.0.0.1:" + gateway.getPort() + "\r\nAuthorization: Bearer " + key + "\r\n";
    }
}
