package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.errors.OpenAIServiceException;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedGateway.class)
class UnknownIdsTest {
    private final Sdk sdk;

    UnknownIdsTest(RunningGateway gateway) {
        sdk = gateway.sdk();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftjob-nope", "' OR 1=1 --", "..%2f..%2fetc%2fpasswd", "%00", "ftjob-\uD83D\uDE00"})
    void anUnknownJobIsNotFoundByAnyOfItsRoutes(String id) {
        var jobs = sdk.client.fineTuning().jobs();
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> jobs.retrieve(id),
            () -> jobs.cancel(id),
            () -> jobs.listEvents(id),
            () -> jobs.checkpoints().list(id)
        }) {
            OpenAIServiceException refused = refused(call);
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused).hasMessageContaining("Could not find fine tune: ");
            assertThat(refused.code()).hasValue("fine_tune_not_found");
            assertThat(refused.param()).hasValue("fine_tune_id");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file-nope", "../../etc/passwd", "'; drop table files; --"})
    void anUnknownFileIsNotFoundByAnyOfItsRoutes(String id) {
        var files = sdk.client.files();
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> files.retrieve(id),
            () -> files.delete(id),
            () -> files.content(id).close()
        }) {
            OpenAIServiceException refused = refused(call);
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused).hasMessageContaining("No such File object: " + id);
            assertThat(refused.param()).hasValue("id");
        }
    }

    @Test
    void aJobOnAnUnknownFileIsRefused() {
        OpenAIServiceException refused = refused(() -> sdk.create(sdk.job("file-nope", 1, 1)));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused).hasMessageContaining("invalid training_file: file-nope");
        assertThat(refused.param()).hasValue("training_file");
    }

    @Test
    void aJobForAnUnknownModelIsRefused() {
        String file = sdk.upload(ChatLines.of(10));
        OpenAIServiceException refused =
                refused(() -> sdk.create(sdk.job(file, 1, 1).model("no-such-model")));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused)
                .hasMessageContaining("Model no-such-model is not available for fine-tuning or does not exist.");
        assertThat(refused.code()).hasValue("model_not_available");
    }

    @Test
    void anUnknownModelDoesNotAnswer() {
        for (ThrowingCallable call : new ThrowingCallable[] {
            () -> sdk.client.models().retrieve("no-such-model"),
            () -> sdk.client.models().delete("no-such-model"),
            () -> sdk.answer("no-such-model", "Anyone there?"),
            () -> sdk.streamedAnswer("no-such-model", "Anyone there?")
        }) {
            OpenAIServiceException refused = refused(call);
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused).hasMessageContaining("The model 'no-such-model' does not exist");
            assertThat(refused.code()).hasValue("model_not_found");
            assertThat(refused.param()).hasValue("model");
        }
    }

    @Test
    void thePageAfterAnUnknownEventIsEmptyAndNotTheFirstPageAgain() {
        String job = sdk.create(sdk.job(sdk.upload(ChatLines.of(10)), 1, 10)).id();
        assertThat(sdk.client
                        .fineTuning()
                        .jobs()
                        .listEvents(JobListEventsParams.builder()
                                .fineTuningJobId(job)
                                .after("ftevent-nope")
                                .build())
                        .items())
                .isEmpty();
    }

    private static OpenAIServiceException refused(ThrowingCallable call) {
        return catchThrowableOfType(OpenAIServiceException.class, call);
    }
}
