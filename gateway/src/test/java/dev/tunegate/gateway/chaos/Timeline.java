package dev.tunegate.gateway.chaos;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The time of a run, and what is due when. It goes slower where things take longer, so that each fault has its length. */
final class Timeline {
    private long start = System.nanoTime();

    /** Where a fault begins or ends. */
    record Moment(Duration at, boolean isBegin, Fault fault) {}

    static List<Moment> of(List<Fault> faults) {
        return faults.stream()
                .flatMap(fault -> Stream.of(new Moment(fault.at(), true, fault), new Moment(fault.end(), false, fault)))
                .sorted(Comparator.comparing(Moment::at))
                .toList();
    }

    /** Waits until the run is so old. */
    void await(Duration at) throws InterruptedException {
        long left = start + at.toNanos() - System.nanoTime();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left).toMillis());
        } else {
            start -= left;
        }
    }
}
