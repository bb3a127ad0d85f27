package dev.tunegate.gateway.upstream;

import io.vertx.core.buffer.Buffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes another host's words fit to be shown, logged and stored: hosts repeat keys in their errors. It takes out
 * our key, and whatever looks like one.
 */
public final class Scrubber {
    private static final int LONGEST = 500;
    private static final String HIDDEN = "****";
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    /** Bearer tokens, and the keys of OpenAI and of those who name theirs alike. */
    private static final Pattern KEYS =
            Pattern.compile("(?i)(bearer\\s+)[A-Za-z0-9._~+/=*-]+|\\bsk-[A-Za-z0-9_*-]{4,}");

    private final @Nullable String key;

    /** @param apiKey our key for that host, null where it wants none */
    public Scrubber(@Nullable String apiKey) {
        this.key = apiKey == null || apiKey.length() < 4 ? null : apiKey;
    }

    /** The text without our key: itself where the key is not in it. */
    public Buffer withoutKey(Buffer text) {
        if (key == null) {
            return text;
        }
        String read = text.toString();
        return read.contains(key) ? Buffer.buffer(read.replace(key, HIDDEN)) : text;
    }

    /** Whether our key is in it. */
    public boolean repeatsOurKey(String text) {
        return key != null && text.contains(key);
    }

    /** The text without keys. */
    public String scrub(String text) {
        String withoutOurs = key == null ? text : text.replace(key, HIDDEN);
        return KEYS.matcher(withoutOurs).replaceAll("$1" + HIDDEN);
    }

    /** The text without keys and control characters, and cut where it is too long to be quoted. */
    public String quoted(String text) {
        String clean = CONTROL.matcher(scrub(text)).replaceAll(" ").strip();
        return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST) + "…";
    }
}
