package dev.tunegate.trainer.training;

import static dev.tunegate.trainer.training.GoldenAssertions.LOGITS;
import static dev.tunegate.trainer.training.GoldenAssertions.assertGradients;
import static dev.tunegate.trainer.training.GoldenAssertions.assertLogits;
import static dev.tunegate.trainer.training.GoldenAssertions.assertSameTensors;
import static dev.tunegate.trainer.training.GoldenAssertions.assertSavedIsSame;
import static dev.tunegate.trainer.training.GoldenAssertions.assertTrajectory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.Merge;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Adapters beyond plain LoRA, each beside what PEFT computed for it; {@code -Dgolden.dir=DIR} as in {@link GoldenTest}. */
@ExtendWith(OnTestDevice.class)
class GoldenVariantsTest {

    @TempDir
    Path temporary = Path.of("");

    @TestFactory
    Stream<DynamicTest> variants() throws Exception {
        String property = System.getProperty("golden.dir");
        Path root = property != null
                ? Path.of(property)
                : Path.of(Objects.requireNonNull(GoldenVariantsTest.class.getResource("/golden"))
                        .toURI());
        GoldenDirectory llama = GoldenDirectory.open(root.resolve("llama"));
        List<Path> directories;
        try (Stream<Path> children = Files.list(root.resolve("llama/variants"))) {
            directories = children.sorted().toList();
        }
        assertThat(directories).hasSizeGreaterThan(4);
        return directories.stream()
                .map(directory -> dynamicTest(directory.getFileName().toString(), () -> {
                    GoldenDirectory variant = llama.variant(directory);
                    if (variant.name().equals("dora")) {
                        isRefused(variant);
                    } else {
                        isTrainedAsByPeft(variant);
                    }
                }));
    }

    private static void isRefused(GoldenDirectory variant) throws IOException {
        try (LanguageModel model = LanguageModel.load(variant.model(), ComputeType.FP32)) {
            assertThatThrownBy(() -> Adapter.load(variant.path().resolve("adapter_init"), model))
                    .isInstanceOf(InvalidCheckpoint.class)
                    .hasMessageContaining("adapter_config.json: use_dora = true is not supported");
        }
    }

    private void isTrainedAsByPeft(GoldenDirectory variant) throws IOException {
        Path initial = variant.path().resolve("adapter_init");
        Path saved = temporary.resolve(variant.name());
        try (LanguageModel model = LanguageModel.load(variant.model(), ComputeType.FP32)) {
            try (Adapter adapter = Adapter.load(initial, model)) {
                if (variant.has("tensors.safetensors")) {
                    assertLogits(variant, "lora_logits", model, adapter.weights());
                }
                assertGradients(variant, model, adapter, variant.json());
                assertSavedIsSame(adapter, saved, model);
                assertSameTensors(
                        saved.resolve("adapter_model.safetensors"), initial.resolve("adapter_model.safetensors"), 0);
            }
            try (Adapter adapter = Adapter.load(initial, model)) {
                ((ObjectNode) variant.json().path("train"))
                        .put("weight_decay", 0)
                        .put("max_grad_norm", 1);
                assertTrajectory(variant, "train", model, adapter);
                assertMergedIsSame(variant, model, adapter);
            }
        }
    }

    private void assertMergedIsSame(GoldenDirectory variant, LanguageModel model, Adapter adapter) throws IOException {
        Path merged = temporary.resolve("merged_" + variant.name());
        Merge.write(adapter, variant.model(), merged, DType.F32);
        try (LanguageModel whole = LanguageModel.load(merged, ComputeType.FP32);
                NDManager scope = model.newSubManager()) {
            assertThat(whole.logits(scope, variant.batch(), whole.weights()).toFloatArray())
                    .containsExactly(
                            model.logits(scope, variant.batch(), adapter.weights())
                                    .toFloatArray(),
                            within(LOGITS));
        }
    }
}
