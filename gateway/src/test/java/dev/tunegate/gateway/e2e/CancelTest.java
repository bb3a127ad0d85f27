package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.errors.BadRequestException;
import com.openai.models.finetuning.jobs.FineTuningJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedGateway.class)
class CancelTest {
    private final Sdk sdk;

    CancelTest(RunningGateway gateway) {
        sdk = gateway.sdk();
    }

    @Test
    void aRunningJobIsCancelledAndItsTrainerTakesTheNext() {
        String file = sdk.upload(ChatLines.of(24));
        String running = sdk.create(sdk.job(file, 50, 1)).id();
        String next = sdk.create(sdk.job(file, 1, 24)).id();
        sdk.awaitEvent(running, "Step ");

        FineTuningJob cancelled = sdk.client.fineTuning().jobs().cancel(running);

        assertThat(cancelled.status()).isEqualTo(FineTuningJob.Status.CANCELLED);
        assertThat(sdk.awaitEnd(next).status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        FineTuningJob later = sdk.job(running);
        assertThat(later.status()).isEqualTo(FineTuningJob.Status.CANCELLED);
        assertThat(later.finishedAt()).isEmpty();
        assertThat(later.fineTunedModel()).isEmpty();
        assertThat(later.trainedTokens()).isEmpty();
        assertThat(later.resultFiles()).isEmpty();
        assertThat(later.error()).isEmpty();
    }

    @Test
    void aJobThatHasEndedIsNotCancelledAndTheSdkIsNotInvitedToRetry() {
        String job = sdk.create(sdk.job(sdk.upload(ChatLines.of(10)), 50, 1)).id();
        sdk.client.fineTuning().jobs().cancel(job);
        assertThatThrownBy(() -> sdk.client.fineTuning().jobs().cancel(job))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("cancelled");
    }
}
