package dev.tunegate.trainer.torch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;

/** What libtorch has freed and malloc keeps for the next step. */
public final class NativeMemory {
    private NativeMemory() {}

    /**
     * Gives it back to the system, for others and so that it counts as free; takes a moment. Only glibc and tcmalloc, which the
     * launcher takes where there is one, are known how to ask: elsewhere this does nothing.
     */
    public static void giveBack() {
        call("MallocExtension_ReleaseFreeMemory");
        call("malloc_trim", new NativeLong(0));
    }

    private static void call(String function, Object... arguments) {
        try {
            NativeLibrary.getProcess().getFunction(function).invokeInt(arguments);
        } catch (UnsatisfiedLinkError e) {
            // Another malloc is at work, which keeps less or decides for itself.
        }
    }
}
