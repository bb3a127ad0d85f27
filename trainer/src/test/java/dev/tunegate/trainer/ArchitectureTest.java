package dev.tunegate.trainer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the trainer's packages to their order: which of them may use which. */
class ArchitectureTest {
    private static final String TRAINER = "dev.tunegate.trainer";

    /** All packages from the ground up: each uses only those before it. */
    private static final List<String> LAYERS = List.of(
            "stop",
            "text.jinja",
            "checkpoint",
            "text",
            "dataset",
            "torch",
            "model",
            "generation",
            "starter",
            "lora",
            "training",
            "inference",
            "worker",
            "bench",
            "cli");

    private static final JavaClasses CLASSES = trainer();

    private static JavaClasses trainer() {
        // The names of other libraries' classes are enough; reading all of them takes half a minute.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(TRAINER);
    }

    @Test
    void packagesUseOnlyThoseBelowThem() {
        for (int layer = 0; layer < LAYERS.size(); layer++) {
            String[] above =
                    LAYERS.stream().skip(layer + 1).map(ArchitectureTest::named).toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(named(LAYERS.get(layer)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .because("a part can be understood and tested without those that are built on it; the worker, the"
                            + " benchmarks and the command line are on top")
                    .check(CLASSES);
        }
    }

    @Test
    void everyPackageHasItsLayer() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        LAYERS.stream().map(ArchitectureTest::named).toList());
    }

    @Test
    void packagesDoNotDependOnEachOtherInCircles() {
        slices().matching(TRAINER + ".(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theGatewayIsOutOfReach() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.tunegate.gateway..")
                .because("the modules meet in openapi.yaml and nowhere else")
                .check(CLASSES);
    }

    @Test
    void onlyTorchKnowsTheEngine() {
        noClasses()
                .that()
                .resideOutsideOfPackage(named("torch"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl.engine..", "ai.djl.pytorch..")
                .because("arrays (ai.djl.ndarray) are everybody's, but DJL's engine, its PyTorch classes and its errors"
                        + " are worth changing in one place only")
                .check(CLASSES);
    }

    private static String named(String layer) {
        return TRAINER + "." + layer;
    }
}
