package dev.tunegate.trainer.text.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** C's {@code strftime} in the C locale, for the date that some system prompts carry. */
final class Strftime {

    /** What looking a field's pattern up and applying it costs. */
    private static final int STEPS_A_FIELD = 50;

    private Strftime() {}

    static String format(ZonedDateTime time, String format, Budget budget) {
        budget.text(format.length());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            budget.items(STEPS_A_FIELD);
            boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += unpadded ? 2 : 1;
            String field = field(time, format.charAt(i));
            if (field == null) {
                throw new TemplateError("strftime_now does not know '%" + format.charAt(i) + "'");
            }
            text.append(unpadded ? field.replaceFirst("^0(?=.)", "") : field);
        }
        return text.toString();
    }

    private static @Nullable String field(ZonedDateTime time, char field) {
        String pattern = switch (field) {
            case 'a' -> "EEE";
            case 'A' -> "EEEE";
            case 'b', 'h' -> "MMM";
            case 'B' -> "MMMM";
            case 'd' -> "dd";
            case 'e' -> "ppd";
            case 'f' -> "SSSSSS";
            case 'F' -> "yyyy-MM-dd";
            case 'D', 'x' -> "MM/dd/yy";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'j' -> "DDD";
            case 'm' -> "MM";
            case 'M' -> "mm";
            case 'p' -> "a";
            case 'R' -> "HH:mm";
            case 'S' -> "ss";
            case 'T', 'X' -> "HH:mm:ss";
            case 'c' -> "EEE MMM ppd HH:mm:ss yyyy";
            case 'y' -> "yy";
            case 'Y' -> "yyyy";
            default -> null;
        };
        if (pattern != null) {
            return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
        }
        return switch (field) {
            case '%' -> "%";
            case 'n' -> "\n";
            case 't' -> "\t";
            // Python's datetime.now() knows no time zone.
            case 'z', 'Z' -> "";
            default -> null;
        };
    }
}
