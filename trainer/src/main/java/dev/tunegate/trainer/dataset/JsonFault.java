package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what is wrong with a line that is no JSON, in words about JSON and not about the library that read it. */
final class JsonFault {

    /** The library's words for a character that cannot stand where it stands. */
    private static final Pattern UNEXPECTED = Pattern.compile("^Unexpected (?:character|close marker) \\(?'(.)'");

    private JsonFault() {}

    /** Where it is wrong: {@code at column N}, nothing where that is not known. */
    static String column(JsonProcessingException fault) {
        return fault.getLocation() == null
                ? ""
                : " at column " + fault.getLocation().getColumnNr();
    }

    static String words(JsonProcessingException fault) {
        if (fault instanceof JsonEOFException) {
            return "it ends in the middle of a value";
        }
        if (fault instanceof MismatchedInputException) {
            return "something follows after its end";
        }
        String message = String.valueOf(fault.getOriginalMessage());
        if (message.startsWith("Duplicate")) {
            return "an object has two members of the same name";
        }
        if (message.contains("CTRL-CHAR")) {
            return "a string holds a control character; write it as \\t or \\u0009";
        }
        if (message.contains("escape")) {
            return "a string holds a backslash that begins no escape; a backslash itself is written \\\\";
        }
        Matcher unexpected = UNEXPECTED.matcher(message);
        return syntax(unexpected.find() ? unexpected.group(1).charAt(0) : ' ');
    }

    private static String syntax(char unexpected) {
        return switch (unexpected) {
            case '\'' -> "names and strings stand in double quotes";
            case '}', ']' -> "a value is missing before a closing bracket, or the bracket is of the other kind";
            case '/', '#' -> "JSON has no comments";
            default ->
                "what stands here is not JSON; names and strings stand in double quotes, and beside them there are"
                        + " numbers, true, false and null";
        };
    }
}
