package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.cli.demo.data.DemoData;
import dev.tunegate.gateway.cli.demo.data.DemoExample;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** The story that the demo tells: examine the base model, train it, examine the result. */
public final class Demo {
    static final String BASE_MODEL = "tunegate-starter";

    private static final int SHOWN = 3;
    private static final Duration TRAINER_STARTS_WITHIN = Duration.ofSeconds(90);
    private static final Duration JOB_ENDS_WITHIN = Duration.ofMinutes(15);

    private final DemoClient client;
    private final URI baseUrl;
    private final PrintStream out;
    private final ProgressDisplay display;
    private final InstantSource clock;

    public Demo(URI baseUrl, PrintStream out, boolean terminal, InstantSource clock) {
        this.client = new DemoClient(baseUrl);
        this.baseUrl = baseUrl;
        this.out = out;
        this.display = new ProgressDisplay(out, terminal, clock);
        this.clock = clock;
    }

    public DemoResult run(DemoData data) {
        say("gateway", baseUrl.toString());
        awaitTrainer(data.test().get(0));

        String training = upload("demo-train.jsonl", data.train());
        String validation = upload("demo-validation.jsonl", data.validation());

        Exam exam = new Exam(client, data.test());
        say("before", "asking " + BASE_MODEL + " " + data.test().size() + " questions it has not seen");
        Exam.Sheet before = exam.sit(BASE_MODEL);

        String jobId = create(training, validation);
        say("job", jobId);
        JobWatch.Outcome outcome = new JobWatch(client, clock, JOB_ENDS_WITHIN).follow(jobId, display::show);
        display.end();
        String model = outcome.job().path("fine_tuned_model").asText();
        double seconds = outcome.running().toMillis() / 1000.0;
        long tokens = outcome.job().path("trained_tokens").asLong();
        say("trained", "%s: %,d tokens in %.1f s".formatted(model, tokens, seconds));

        say("after", "asking it the same questions");
        Exam.Sheet after = exam.sit(model);
        compare(before, after);
        return new DemoResult(
                jobId, model, before.exactMatch(), after.exactMatch(), seconds, Math.round(tokens / seconds));
    }

    /** The trainer is a process that starts beside the gateway; it is there once the base model answers. */
    private void awaitTrainer(DemoExample question) {
        Instant giveUp = clock.instant().plus(TRAINER_STARTS_WITHIN);
        while (!client.isServed("/chat/completions", Exam.request(BASE_MODEL, question, 1))) {
            if (clock.instant().isAfter(giveUp)) {
                throw new DemoFailure(
                        "No trainer offers %s after %d s; TUNEGATE_LOG_LEVEL=INFO shows the trainer's log."
                                .formatted(BASE_MODEL, TRAINER_STARTS_WITHIN.toSeconds()));
            }
            Pause.millis(200);
        }
    }

    private String upload(String filename, List<DemoExample> examples) {
        JsonNode file = client.upload(
                filename, examples.stream().map(e -> e.toJsonLine() + "\n").collect(Collectors.joining()));
        String id = file.path("id").asText();
        say("uploaded", "%s, %d examples: %s".formatted(filename, examples.size(), id));
        return id;
    }

    private String create(String training, String validation) {
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put("model", BASE_MODEL)
                .put("training_file", training)
                .put("validation_file", validation)
                .put("suffix", "demo")
                .put("seed", 42);
        request.putObject("method")
                .put("type", "supervised")
                .putObject("supervised")
                .putObject("hyperparameters")
                .put("n_epochs", 8)
                .put("batch_size", 4);
        return client.post("/fine_tuning/jobs", request).path("id").asText();
    }

    private void compare(Exam.Sheet before, Exam.Sheet after) {
        for (int i = 0; i < Math.min(SHOWN, before.questions().size()); i++) {
            DemoExample question = before.questions().get(i);
            out.println();
            out.println("  " + question.question());
            SideBySide.lines("before", "after").forEach(out::println);
            SideBySide.lines(before.answers().get(i), after.answers().get(i)).forEach(out::println);
        }
        out.println();
        say(
                "score",
                "%d of %d answered exactly before, %d after"
                        .formatted(before.right(), before.questions().size(), after.right()));
    }

    private void say(String what, String text) {
        out.printf("%-10s %s%n", what, text);
    }
}
