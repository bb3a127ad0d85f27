package dev.tunegate.gateway.retries;

import dev.tunegate.gateway.http.ApiError;
import java.util.List;
import java.util.Optional;

/**
 * Tells from the tries' numbers which create a request belongs to.
 *
 * <p>An SDK numbers the tries of a call 0, 1, 2 and sends the next one only when it has given the last one up. They may
 * arrive in any order, at any gateway, and be the same as those of another call. Therefore:
 *
 * <ul>
 *   <li>What a call has made takes each number once: the same number again is another call.
 *   <li>It takes no more numbers once it is over (cancelled, deleted), or once its caller has used the id that came with the
 *       answer: a call that was answered is not repeated. A higher number is another call then.
 *   <li>A lower number may be a late try of the same call even so, for which nobody waits any more. It makes nothing and is
 *       answered with an error. Whoever does wait repeats it, as SDKs do, under a number that is another call's for certain.
 * </ul>
 */
final class Tries {
    private Tries() {}

    /**
     * What an equal request has made.
     *
     * @param tries the numbers that have come
     * @param isClosed whether it takes no more
     */
    record Made(String subject, List<Integer> tries, boolean isClosed) {
        boolean lacks(int number) {
            return !tries.contains(number);
        }

        boolean mayHaveMissed(int number) {
            return lacks(number) && tries.stream().anyMatch(later -> later > number);
        }
    }

    /**
     * Finds what a try's call has made already; empty where it has made nothing yet.
     *
     * @param made the newest first
     */
    static Optional<String> find(List<Made> made, int number) {
        Optional<Made> open = made.stream()
                .filter(candidate -> !candidate.isClosed() && candidate.lacks(number))
                .findFirst();
        if (open.isEmpty() && made.stream().anyMatch(candidate -> candidate.mayHaveMissed(number))) {
            throw new ApiError(
                    409,
                    "This looks like an earlier try of a request that a later try has settled since. If it is a new"
                            + " one, send it again, best with an Idempotency-Key of its own.",
                    "invalid_request_error",
                    null,
                    "late_try");
        }
        return open.map(Made::subject);
    }
}
