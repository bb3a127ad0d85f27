package dev.tunegate.trainer.torch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;

/** What libtorch has freed and malloc keeps for the next step. */
public final class NativeMemory {
    private NativeMemory() {}

    /**
     * Gives it back to the system, for others and so that it counts as free; takes a moment. Only glibc has something to give
     * back: elsewhere this does nothing.
     */
    public static void giveBack() {
        try {
            NativeLibrary.getProcess().getFunction("malloc_trim").invokeInt(new Object[] {new NativeLong(0)});
        } catch (UnsatisfiedLinkError e) {
            // Another C library: it keeps less, or decides for itself.
        }
    }
}
