package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class ChildLogTest {
    private final Lines lines = new Lines();
    private final ChildLog log = new ChildLog(lines, "trainer-1");

    @Test
    void aLineKeepsItsLevelAndLosesItsTimeAndItsWritersName() {
        log.line("14:13:02.413 INFO  trainer ClaimLoop: Claimed a task");
        log.line("14:13:02.414 ERROR TaskRunner: Giving up");
        assertThat(lines.written)
                .containsExactly(
                        "INFO trainer-1 | ClaimLoop: Claimed a task", "ERROR trainer-1 | TaskRunner: Giving up");
    }

    @Test
    void aStackTraceBelongsToTheLineBeforeIt() {
        log.line("14:13:02.413 ERROR trainer TaskRunner: failed");
        log.line("java.lang.IllegalStateException: x");
        log.line("\tat a.B.c(B.java:1)");
        log.line("14:13:02.414 DEBUG trainer TaskRunner: next");
        assertThat(lines.written)
                .containsExactly(
                        "ERROR trainer-1 | TaskRunner: failed",
                        "ERROR trainer-1 | java.lang.IllegalStateException: x",
                        "ERROR trainer-1 | \tat a.B.c(B.java:1)",
                        "DEBUG trainer-1 | TaskRunner: next");
    }

    @Test
    void whatTheJvmItselfSaysFirstIsAWarning() {
        log.line("Error: Could not find or load main class");
        assertThat(lines.written).containsExactly("WARN trainer-1 | Error: Could not find or load main class");
    }

    @Test
    void bracesInALineAreText() {
        log.line("14:13:02.413 INFO  trainer {} is {}");
        assertThat(lines.written).containsExactly("INFO trainer-1 | {} is {}");
    }

    /** Keeps what is logged. */
    private static final class Lines extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;
        private final transient List<String> written = new ArrayList<>();

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String message,
                Object @Nullable [] arguments,
                @Nullable Throwable throwable) {
            written.add(level + " "
                    + MessageFormatter.basicArrayFormat(message, arguments == null ? new Object[0] : arguments));
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }
}
