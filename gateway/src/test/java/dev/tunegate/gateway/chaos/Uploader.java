package dev.tunegate.gateway.chaos;

import dev.tunegate.gateway.chaos.PatientClient.Answer;
import dev.tunegate.gateway.db.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Uploads files, and notes which bytes were acknowledged. */
final class Uploader {
    private static final Logger LOG = LoggerFactory.getLogger(Uploader.class);
    private static final String BOUNDARY = "----chaos";
    private static final Duration BETWEEN = Duration.ofMillis(500);

    /** Less than a page, what fits into one buffer, and what does not. */
    private static final int[] SIZES = {1, 1860, 60_000, 400_000};

    private final PatientClient client;
    private final Ledger ledger;

    Uploader(PatientClient client, Ledger ledger) {
        this.client = client;
        this.ledger = ledger;
    }

    /** The new file's id. */
    String upload(String filename, String content) {
        String form = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--"
                + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename
                + "\"\r\n\r\n" + content + "\r\n--" + BOUNDARY + "--\r\n";
        Answer answer = client.call(
                "POST",
                "/v1/files",
                "multipart/form-data; boundary=" + BOUNDARY,
                form.getBytes(StandardCharsets.UTF_8));
        if (answer.status() != 200) {
            throw new AssertionError(
                    "The upload of " + filename + " was answered with " + answer.status() + " " + answer.body());
        }
        String id = answer.json().path("id").asText();
        ledger.uploads.put(id, Sha256.hex(content));
        LOG.info("{} is {}, with {} bytes", filename, id, content.length());
        return id;
    }

    /** One small file after the other, so that one is often on its way when something breaks. */
    void goOn(Random random, BooleanSupplier isOver) {
        for (int number = 1; !isOver.getAsBoolean(); number++) {
            int size = SIZES[random.nextInt(SIZES.length)];
            upload("small-" + number + ".jsonl", Integer.toString(number % 10).repeat(size));
            PatientClient.pause(BETWEEN);
        }
    }
}
