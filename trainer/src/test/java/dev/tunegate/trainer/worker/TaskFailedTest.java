package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tunegate.trainer.dataset.TrainingMethod;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway may know more methods than this worker. */
class TaskFailedTest {
    @Test
    void whatItTrainsWithHasTheNamesOfTheContract() throws Exception {
        assertThat(TaskFailed.methodOf(job("supervised"))).isEqualTo(TrainingMethod.SUPERVISED);
        assertThat(TaskFailed.methodOf(job("dpo"))).isEqualTo(TrainingMethod.DPO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"reinforcement", "SUPERVISED", "orpo", ""})
    void everyOtherMethodFailsTheTask(String method) {
        assertThatThrownBy(() -> TaskFailed.methodOf(job(method)))
                .isInstanceOf(TaskFailed.class)
                .hasMessage("This worker trains with the methods supervised and dpo, not with %s.", method);
    }

    private static JobSpec job(String method) {
        return new JobSpec("tiny", null, method, JsonNodeFactory.instance.objectNode(), 1, "file-train", null, 1);
    }
}
