package dev.tunegate.gateway.chaos;

import static java.util.stream.Collectors.joining;

import dev.tunegate.gateway.chaos.Fault.Kind;
import dev.tunegate.gateway.chaos.Order.Recipe;
import dev.tunegate.gateway.chaos.Order.Wish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What goes wrong in a run and what clients want meanwhile. It follows from the seed alone; what comes of it, and between
 * which two bytes, is up to the machine.
 */
record Plan(long seed, List<Fault> faults, List<Order> orders) {
    /** By then there is something to interrupt. */
    private static final int FIRST_AT_MILLIS = 2000;

    /** Odd, and with bits of both kinds everywhere: the golden ratio. */
    private static final long SCATTER = 0x9E37_79B9_7F4A_7C15L;

    static Plan of(long seed, Scale scale) {
        Random random = new Random(seed * SCATTER); // the first numbers of seeds side by side are much the same
        List<Fault> faults = faults(random, scale);
        Duration end =
                faults.stream().map(Fault::at).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
        return new Plan(seed, faults, orders(random, scale, end));
    }

    /** Without what cannot be done on this machine. */
    Plan without(Kind kind) {
        return new Plan(
                seed, faults.stream().filter(fault -> fault.kind() != kind).toList(), orders);
    }

    boolean killsAGateway() {
        return faults.stream()
                .anyMatch(fault -> fault.kind() == Kind.KILL && fault.target().startsWith("gateway"));
    }

    /** Each kind once, then any of any target; no two at once of what stands or falls together. */
    private static List<Fault> faults(Random random, Scale scale) {
        List<Choice> all = new ArrayList<>();
        List<Choice> chosen = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            List<Choice> ofKind = kind.targets(scale.topology()).stream()
                    .map(target -> new Choice(kind, target))
                    .toList();
            all.addAll(ofKind);
            chosen.add(oneOf(random, ofKind));
        }
        while (chosen.size() < scale.faults()) {
            chosen.add(oneOf(random, all));
        }
        Collections.shuffle(chosen, random);
        Map<String, Long> isWellAt = new HashMap<>();
        List<Fault> faults = new ArrayList<>();
        long at = FIRST_AT_MILLIS;
        for (Choice choice : chosen) {
            at += random.nextLong(scale.between().toMillis());
            Kind kind = choice.kind();
            int longest = Math.min(kind.longestMillis(), (int) scale.longest().toMillis());
            long length = random.nextInt(kind.shortestMillis(), longest + 1);
            long begin = Math.max(at, isWellAt.getOrDefault(choice.target(), 0L));
            faults.add(new Fault(Duration.ofMillis(begin), Duration.ofMillis(length), kind, choice.target()));
            isWellAt.put(choice.target(), begin + length + 1);
        }
        faults.sort(Comparator.comparing(Fault::at));
        return List.copyOf(faults);
    }

    /** What might break, and how. */
    private record Choice(Kind kind, String target) {}

    private static List<Order> orders(Random random, Scale scale, Duration end) {
        List<Wish> wishes = List.of(Wish.values());
        List<Order> orders = new ArrayList<>();
        for (int number = 1; number <= scale.orders(); number++) {
            // The first come at once, so that there is something to interrupt.
            long at = number <= scale.topology().workerCount() ? 0 : random.nextLong(end.toMillis());
            orders.add(new Order(
                    number,
                    Duration.ofMillis(at),
                    oneOf(random, List.of(Recipe.values())),
                    number % 2 == 0,
                    wishes.get(number % wishes.size()),
                    Duration.ofMillis(random.nextLong(5000))));
        }
        return List.copyOf(orders);
    }

    private static <T> T oneOf(Random random, List<T> things) {
        return things.get(random.nextInt(things.size()));
    }

    @Override
    public String toString() {
        return Stream.concat(faults.stream(), orders.stream())
                .map(line -> "\n  " + line)
                .collect(joining("", "seed " + seed, ""));
    }
}
