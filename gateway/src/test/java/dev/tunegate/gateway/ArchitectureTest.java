package dev.tunegate.gateway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the gateway's packages to their order: which of them may use which. */
class ArchitectureTest {
    private static final String GATEWAY = "dev.tunegate.gateway";

    /** The root package, in which a whole gateway is put together. */
    private static final String ROOT = "";

    /** All packages from the ground up: each uses only those before it. One that does not exist (yet) does no harm. */
    private static final List<String> LAYERS = List.of(
            "db",
            "config",
            "http",
            "quotas",
            "security",
            "retries",
            "files",
            "tasks",
            "jobs",
            "models",
            "upstream",
            "worker",
            "forwarding",
            "serving",
            "inference",
            "capture",
            "api",
            ROOT,
            "bench",
            "cli.demo.data",
            "cli.demo",
            "cli");

    private static final JavaClasses CLASSES = gateway();

    private static JavaClasses gateway() {
        // The names of other libraries' classes are enough; reading all of them takes half a minute.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(GATEWAY);
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
                    .because("a part can be understood and tested without those that are built on it; the resources,"
                            + " the gateway as a whole, the benchmark and the command line are on top")
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void everyPackageHasItsLayer() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
                .as("a package without a layer is held to no order")
                .isSubsetOf(LAYERS.stream().map(ArchitectureTest::named).toList());
    }

    @Test
    void packagesDoNotDependOnEachOtherInCircles() {
        slices().matching("dev.tunegate.(**)")
                .should()
                .beFreeOfCycles()
                .because("packages in a circle are one package, which nobody can read or test in parts")
                .check(CLASSES);
    }

    @Test
    void theTrainerIsOutOfReach() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.tunegate.trainer..")
                .because("the modules meet in openapi.yaml and nowhere else: a trainer may be another machine's, or not"
                        + " ours at all")
                .check(CLASSES);
    }

    @Test
    void httpKnowsNothingOfWhatIsServed() {
        noClasses()
                .that()
                .resideInAPackage(named("http"))
                .should()
                .dependOnClassesThat(resideInAnyPackage(GATEWAY + "..")
                        .and(DescribedPredicate.not(resideInAnyPackage(named("http"), named("config")))))
                .because("routes, bodies, errors and pages are the same whatever they are about")
                .check(CLASSES);
    }

    @Test
    void onlyTheWholeGatewayKnowsTheResources() {
        noClasses()
                .that()
                .resideOutsideOfPackages(named("api"), named(ROOT), named("cli") + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(named("api"))
                .because("the API is one way to what the gateway does, and nothing else goes through it; benchmarks"
                        + " start a whole gateway")
                .check(CLASSES);
    }

    private static String named(String layer) {
        return layer.equals(ROOT) ? GATEWAY : GATEWAY + "." + layer;
    }
}
