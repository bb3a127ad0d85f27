package dev.tunegate.gateway.cli.demo.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The demo's three sets. No answer occurs twice, so every test question asks for a combination of filters, values,
 * order and limit that training never saw.
 */
public record DemoData(List<DemoExample> train, List<DemoExample> validation, List<DemoExample> test) {
    /** Sizes that a small model learns from within a minute or two on a CPU. */
    public static final int TRAIN = 1200;

    public static final int VALIDATION = 60;
    public static final int TEST = 100;

    private static final String ALL_DOCUMENTS = "[]";

    /** Draws the sets; the same seed gives the same lines. */
    public static DemoData generate(long seed) {
        ScooterQuestions questions = new ScooterQuestions(seed);
        Map<String, DemoExample> byAnswer = new LinkedHashMap<>();
        while (byAnswer.size() < TRAIN + VALIDATION + TEST) {
            DemoExample example = questions.next();
            if (!example.stages().equals(ALL_DOCUMENTS)) {
                byAnswer.putIfAbsent(example.stages(), example);
            }
        }
        List<DemoExample> all = new ArrayList<>(byAnswer.values());
        Collections.shuffle(all, new Random(seed)); // rare answers come late: spread them over the sets
        return new DemoData(
                List.copyOf(all.subList(0, TRAIN)),
                List.copyOf(all.subList(TRAIN, TRAIN + VALIDATION)),
                List.copyOf(all.subList(TRAIN + VALIDATION, all.size())));
    }
}
