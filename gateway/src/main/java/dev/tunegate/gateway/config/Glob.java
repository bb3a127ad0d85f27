package dev.tunegate.gateway.config;

/**
 * A pattern over whole names of models: {@code *} stands for any run of characters, {@code ?} for one.
 *
 * @param pattern as the file writes it
 */
public record Glob(String pattern) {
    static final String ALLOWED =
            "a glob is made of letters, digits and ._:/@+- , * for any run of characters and ? for" + " one";

    static boolean isValid(String pattern) {
        return pattern.matches("[A-Za-z0-9._:/@+*?-]{1,256}");
    }

    /** Whether it names one model and no other. */
    boolean isName() {
        return pattern.indexOf('*') < 0 && pattern.indexOf('?') < 0;
    }

    /** Goes back to the last star only, so a hostile name costs no more than its length times the pattern's. */
    public boolean matches(String name) {
        int at = 0;
        int star = -1;
        int resume = 0;
        int i = 0;
        while (i < name.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = i;
            } else if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == name.charAt(i))) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
