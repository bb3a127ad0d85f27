package dev.tunegate.gateway;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/** Takes over the log lines of a child process, each at the level at which the child has written it. */
final class ChildLog {
    /** A line begins with time and level as our own processes write them. */
    private static final Pattern LINE =
            Pattern.compile("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} (TRACE|DEBUG|INFO|WARN|ERROR) +(?:trainer )?(.*)");

    private final Logger log;
    private final String name;
    /** Lines without a level of their own, a stack trace's for instance, belong to the line before. */
    private Level level = Level.WARN;

    ChildLog(Logger log, String name) {
        this.log = log;
        this.name = name;
    }

    void line(String line) {
        Matcher matcher = LINE.matcher(line);
        boolean known = matcher.matches();
        if (known) {
            level = Level.valueOf(matcher.group(1));
        }
        log.atLevel(level).log("{} | {}", name, known ? matcher.group(2) : line);
    }
}
