package org.tutti.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The direction of the modules (ARCHITECTURE.md): who may use whom. Each module is the package
/// `org.tutti.<module>`.
class ArchitectureTest {
    private static final Map<String, Set<String>> MAY_USE =
            Map.ofEntries(
                    mayUse("base"),
                    mayUse("libp2p", "base"),
                    mayUse("musig", "base"),
                    mayUse("bitcoin", "base", "musig"),
                    mayUse("lightclient", "base", "bitcoin"),
                    mayUse("regtest", "base", "bitcoin", "lightclient"),
                    mayUse("examples", "base", "libp2p"),
                    mayUse("signing", "base", "libp2p", "musig"),
                    mayUse("wallet", "base", "musig", "bitcoin", "lightclient", "signing"),
                    mayUse(
                            "node",
                            "base",
                            "libp2p",
                            "musig",
                            "bitcoin",
                            "lightclient",
                            "signing",
                            "wallet"),
                    mayUse("benchmarks", "base", "libp2p", "musig", "signing"),
                    mayUse("interop", "base", "libp2p", "musig", "bitcoin", "lightclient"),
                    mayUse(
                            "app",
                            "base",
                            "libp2p",
                            "musig",
                            "bitcoin",
                            "lightclient",
                            "signing",
                            "wallet",
                            "node",
                            "regtest",
                            "benchmarks"));

    private static Map.Entry<String, Set<String>> mayUse(String module, String... others) {
        return Map.entry(module, Set.of(others));
    }

    /// Protocol rooms of libp2p: none may import a sibling.
    private static final List<String> PROTOCOL_ROOMS = List.of("identify", "ping");

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("/test-classes/"))
                    .importPackages("org.tutti");

    @Test
    void everyModuleUsesOnlyTheModulesBelowIt() {
        MAY_USE.forEach((module, allowed) -> {
            String[] forbidden =
                    MAY_USE.keySet().stream()
                            .filter(other -> !other.equals(module) && !allowed.contains(other))
                            .map(other -> "org.tutti." + other + "..")
                            .toArray(String[]::new);
            if (forbidden.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage("org.tutti." + module + "..")
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(forbidden))
                        .check(MAIN);
            }
        });
    }

    @Test
    void everyModuleIsKnownToThisTest() {
        Set<String> seen =
                MAIN.stream()
                        .map(c -> c.getPackageName().split("\\.", -1)[2])
                        .collect(Collectors.toSet());
        assertThat(seen).isEqualTo(MAY_USE.keySet());
    }

    @Test
    void onlyTheAdapterRoomKnowsTheScriptLibrary() {
        noClasses()
                .that(
                        DescribedPredicate.not(
                                resideInAnyPackage(
                                        "org.tutti.bitcoin.interpreter..",
                                        "org.tutti.musig.secp256k1..")))
                .and(resideInAPackage("org.tutti.."))
                .should()
                .dependOnClassesThat(resideInAPackage("fr.acinq.."))
                .check(MAIN);
    }

    @Test
    void theNativeBindingStaysInsideItsModule() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.tutti.musig..", "org.tutti.benchmarks.musig..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.tutti.musig.secp256k1.."))
                .check(MAIN);
    }

    @Test
    void theRegtestPeerSpeaksTheProtocolAndKnowsNothingOfTheClient() {
        noClasses()
                .that()
                .resideInAPackage("org.tutti.regtest..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.tutti.lightclient..")
                                .and(
                                        DescribedPredicate.not(
                                                resideInAnyPackage(
                                                        "org.tutti.lightclient.wire",
                                                        "org.tutti.lightclient.connection"))))
                .check(MAIN);
    }

    @Test
    void protocolRoomsOfLibp2pDoNotImportEachOther() {
        for (String room : PROTOCOL_ROOMS) {
            String[] siblings =
                    PROTOCOL_ROOMS.stream()
                            .filter(other -> !other.equals(room))
                            .map(other -> "org.tutti.libp2p." + other + "..")
                            .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("org.tutti.libp2p." + room + "..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(siblings))
                    .check(MAIN);
        }
    }

    @Test
    void nothingKeepsSecretsOrStateInThreadLocals() {
        classes()
                .that()
                .resideInAPackage("org.tutti..")
                .should()
                .onlyDependOnClassesThat(
                        DescribedPredicate.describe(
                                "are not ThreadLocal",
                                (JavaClass c) -> !c.isAssignableTo(ThreadLocal.class)))
                .check(MAIN);
    }

    @Test
    void everyPackageIsNullMarkedAndSaysWhatItIsFor() throws IOException {
        Path root = Path.of(System.getProperty("tutti.root"));
        for (String module : MAY_USE.keySet()) {
            Path sources = root.resolve(module).resolve("src/main/java");
            try (Stream<Path> folders = Files.walk(sources)) {
                for (Path folder : folders.filter(ArchitectureTest::holdsSources).toList()) {
                    Path info = folder.resolve("package-info.java");
                    assertThat(info).exists();
                    assertThat(Files.readString(info)).contains("@NullMarked").startsWith("///");
                }
            }
        }
    }

    private static boolean holdsSources(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(f -> f.toString().endsWith(".java"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
