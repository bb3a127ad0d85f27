package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.FileZip;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.torch.OnTestDevice;
import dev.tunegate.trainer.training.TrainingListener.Saved;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** When a training's state is saved, and what goes on from it. */
@ExtendWith(OnTestDevice.class)
class ResumeTest extends TrainingLoopFixture {
    @Test
    void aKilledTrainingGoesOnFromItsCheckpointWithTheSameResults() throws Exception {
        TrainingLoop uninterrupted = loop(dir.resolve("a"), new Listener(step -> Directive.CONTINUE), 4);
        uninterrupted.run();

        // Stopped two steps behind the checkpoint of step 6, without a word.
        TrainingLoop killed =
                loop(dir.resolve("b"), new Listener(step -> step == 8 ? Directive.CANCEL : Directive.CONTINUE), 4);
        assertThat(killed.run()).isFalse();
        Listener listener = new Listener(step -> Directive.CONTINUE);
        TrainingLoop resumed = loop(dir.resolve("c"), listener, 4);
        resumed.resumeFrom(killed.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.steps.get(0).step()).isEqualTo(7);
        assertThat(resumed.metrics()).isEqualTo(uninterrupted.metrics());
        assertThat(resumed.trainedTokens()).isEqualTo(uninterrupted.trainedTokens());
        assertThat(dir.resolve("c/checkpoint-12/logits")).hasSameBinaryContentAs(dir.resolve("a/checkpoint-12/logits"));
    }

    @Test
    void aPauseSavesAResumePointThatIsNoCheckpoint() throws Exception {
        Listener listener = new Listener(step -> step == 4 ? Directive.PAUSE : Directive.CONTINUE);
        loop(dir, listener, 4).run();

        assertThat(last(listener.saved).step()).isEqualTo(4);
        assertThat(last(listener.saved).weights()).isNull();
        Listener resumed = new Listener(step -> Directive.CONTINUE);
        TrainingLoop loop = loop(dir, resumed, 4);
        loop.resumeFrom(dir.resolve("resume.zip"));
        loop.run();
        assertThat(resumed.steps.get(0).step()).isEqualTo(5);
    }

    @Test
    void aPauseBehindACheckpointHasNothingLeftToSave() throws Exception {
        Listener listener = new Listener(step -> step == 3 ? Directive.PAUSE : Directive.CONTINUE);
        loop(dir, listener, 4).run();

        assertThat(listener.saved).extracting(Saved::step).containsExactly(3);
        assertThat(last(listener.saved).weights()).isNotNull();
    }

    @Test
    void aLongEpochHasResumePointsInside() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        listener.secondsPerStep = 40;
        loop(dir, listener, 2).run();

        // After two steps it would be 80 seconds.
        assertThat(listener.saved).extracting(Saved::step).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(listener.saved)
                .extracting(saved -> saved.weights() != null)
                .containsExactly(false, false, true, false, false, true);
        assertThat(listener.remaining.get(0)).isEqualTo(5 * 40);
    }

    @Test
    void quickStepsAreSavedOnceAMinute() throws Exception {
        Listener listener = new Listener(step -> Directive.CONTINUE);
        listener.secondsPerStep = 30;
        loop(dir, listener, 2).run();

        assertThat(listener.saved).extracting(Saved::step).containsExactly(2, 3, 5, 6);
    }

    @Test
    void aBrokenResumeStateIsRefused() throws Exception {
        TrainingLoop first = loop(dir, new Listener(step -> Directive.CONTINUE), 1);
        first.run();
        byte[] whole = Files.readAllBytes(first.resumeFile());
        Files.write(first.resumeFile(), Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() ->
                        loop(dir, new Listener(step -> Directive.CONTINUE), 1).resumeFrom(first.resumeFile()))
                .isInstanceOf(NotResumable.class)
                .hasMessageContaining("it is broken");
    }

    @Test
    void anotherTrainingsResumeStateIsRefused() throws Exception {
        TrainingLoop first = loop(dir, new Listener(step -> Directive.CONTINUE), 1);
        first.run();

        assertThatThrownBy(() ->
                        loop(dir, new Listener(step -> Directive.CONTINUE), 2).resumeFrom(first.resumeFile()))
                .isInstanceOf(NotResumable.class)
                .hasMessageContaining("other data, hyperparameters, another adapter to start from or another seed");
    }

    @Test
    void aTrainingKilledBehindItsEarlyStopIsStillStopped() throws Exception {
        UnigramLearner learner = new UnigramLearner(VOCABULARY);
        TrainingLoop stopped = loop(learner, dir, new Listener(step -> Directive.CONTINUE), parse(epochs(10, 1)));
        learner.evaluatesTo(perEpoch(3, 4));
        stopped.run();

        Listener listener = new Listener(step -> Directive.CONTINUE);
        TrainingLoop resumed = loop(dir, listener, parse(epochs(10, 1)));
        resumed.resumeFrom(stopped.resumeFile());
        assertThat(resumed.run()).isTrue();

        assertThat(listener.steps).isEmpty();
        assertThat(resumed.finalStep()).isEqualTo(3);
    }

    @Test
    void aStateFromBeforePlansWereKeptCanBeResumed() throws Exception {
        TrainingLoop first = loop(dir, new Listener(step -> step == 4 ? Directive.CANCEL : Directive.CONTINUE), 4);
        first.run();
        Path unpacked = Files.createDirectory(dir.resolve("unpacked"));
        FileZip.unpack(
                first.resumeFile(),
                Map.of("state.json", 1L << 20, ResumeState.WEIGHTS, 1L << 20, ResumeState.OPTIMIZER, 1L << 20),
                unpacked,
                Stop.NEVER);
        ObjectNode state = (ObjectNode)
                new ObjectMapper().readTree(unpacked.resolve("state.json").toFile());
        assertThat(state.remove("plan")).isNotNull();
        new ObjectMapper().writeValue(unpacked.resolve("state.json").toFile(), state);
        Path old = dir.resolve("old.zip");
        FileZip.pack(unpacked, List.of("state.json", ResumeState.WEIGHTS, ResumeState.OPTIMIZER), old, Stop.NEVER);

        TrainingLoop resumed = loop(dir.resolve("resumed"), new Listener(step -> Directive.CONTINUE), 4);
        resumed.resumeFrom(old);

        assertThat(resumed.step()).isEqualTo(3);
        assertThat(resumed.run()).isTrue();
    }
}
