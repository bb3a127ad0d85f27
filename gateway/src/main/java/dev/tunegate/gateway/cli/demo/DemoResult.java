package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.tunegate.gateway.cli.demo.data.DemoExample;
import java.net.URI;

/** What {@code --json} prints, in this order. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DemoResult(
        String jobId,
        String fineTunedModel,
        double exactMatchBefore,
        double exactMatchAfter,
        double trainSeconds,
        double tokensPerSecond) {

    /** Shell lines that ask the fine-tuned model a question. */
    public String copyPaste(URI baseUrl, DemoExample question) {
        return CopyPaste.lines(baseUrl, fineTunedModel, Exam.conversation(question));
    }
}
