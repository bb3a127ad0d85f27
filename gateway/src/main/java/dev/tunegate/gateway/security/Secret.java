package dev.tunegate.gateway.security;

import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.db.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Secrets that clients carry. A key of 48 random characters has 285 bits, so a plain hash of it is enough to store. */
public final class Secret {
    private static final int SHOWN = 10;

    private Secret() {}

    /** A new API or worker key. */
    public static String newKey() {
        return Ids.random("sk-tg-", 48);
    }

    static String sha256(String secret) {
        return Sha256.hex(secret);
    }

    /** Compares two hashes, in the same time wherever they differ. */
    static boolean sameHash(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.US_ASCII), b.getBytes(StandardCharsets.US_ASCII));
    }

    /** The part of a key that lists show. */
    static String prefix(String key) {
        return key.substring(0, SHOWN);
    }

    /** Makes a wrong key fit to be repeated in an error message: what could be most of a short secret is not shown. */
    static String masked(String key) {
        String clean = key.replaceAll("[^\\x21-\\x7e]", "?");
        return clean.length() < 12 ? "****" : clean.substring(0, 4) + "****" + clean.substring(clean.length() - 4);
    }
}
