package dev.tunegate.gateway.http;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a body that is no JSON, and where, in words about JSON and not about the library that read it. */
final class JsonFault {
    /** The library's words for a character that cannot stand where it stands. */
    private static final Pattern UNEXPECTED = Pattern.compile("^Unexpected (?:character|close marker) \\(?'(.)'");

    private JsonFault() {}

    static ApiError at(@Nullable JsonLocation place, String what) {
        String where = place == null || place.getLineNr() < 1
                ? ""
                : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
        return ApiError.badRequest(
                "We could not parse the JSON body of your request" + where + ": " + what + ".", null);
    }

    static ApiError of(JsonProcessingException fault) {
        return at(fault.getLocation(), words(fault));
    }

    private static String words(JsonProcessingException fault) {
        if (fault instanceof JsonEOFException) {
            return "it ends in the middle of a value";
        }
        if (fault instanceof StreamConstraintsException) {
            return "a number or the name of a member is longer than can be read";
        }
        String message = String.valueOf(fault.getOriginalMessage());
        if (message.startsWith("Duplicate")) {
            return "an object has two members of the same name";
        }
        if (message.contains("UTF-8") || message.contains("surrogate")) {
            return "its text is not valid UTF-8";
        }
        if (message.contains("CTRL-CHAR")) {
            return "a string holds a line break or another control character; write it as \\n or \\u000a";
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
