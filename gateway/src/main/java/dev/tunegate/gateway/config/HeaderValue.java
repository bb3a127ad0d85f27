package dev.tunegate.gateway.config;

/** Checks what may be sent as a part of an HTTP header: a line end in it would begin another. */
final class HeaderValue {
    static final String ALLOWED = "takes visible ASCII characters, at most 1000, and no blanks";

    private HeaderValue() {}

    static boolean isValid(String text) {
        return text.matches("[\\x21-\\x7e]{1,1000}");
    }
}
