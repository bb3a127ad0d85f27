package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.NativeMemory;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Prints how much this process has resident behind a training, and when malloc has given back what it kept of it, MiB. */
final class ReleasedMemory {
    private ReleasedMemory() {}

    public static void main(String[] arguments) throws IOException {
        try (LanguageModel model = LanguageModel.randomFrozen(ConfinedTraining.config(), ComputeType.FP32)) {
            LoraConfig lora = new LoraConfig(2, 4, 0, LoraConfig.allLinears(model.config()));
            try (Adapter adapter = Adapter.create(model, lora, 1);
                    TrainStep step = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, 1)) {
                boolean[] trained = new boolean[64];
                Arrays.fill(trained, true);
                Example example = new Example(new int[64], trained);
                step.step(List.of(Batch.of(Collections.nCopies(32, example))), 1e-4);
            }
            System.out.println(ChildJvm.status("VmRSS") >> 20);
            NativeMemory.giveBack();
            System.out.println(ChildJvm.status("VmRSS") >> 20);
        }
    }
}
