package dev.tunegate.gateway.config;

/**
 * A value of the file as it is to be understood.
 *
 * @param hidden whether it comes from the environment: then no message repeats it
 */
record Value(String text, int line, String path, boolean hidden) {
    /** ", not '…'", for the end of a message. */
    String not() {
        return hidden ? "" : ", not '" + text + "'";
    }
}
