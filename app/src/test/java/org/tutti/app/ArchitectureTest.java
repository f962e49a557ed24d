package org.tutti.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.swarm.HostEvent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Who may use whom (ARCHITECTURE.md): modules in one direction, packages without circles. Each
/// module is the package `org.tutti.<module>`.
class ArchitectureTest {
    private static final Map<String, Set<String>> MAY_USE =
            Map.ofEntries(
                    mayUse("base"),
                    mayUse("libp2p", "base"),
                    mayUse("testkit", "base", "libp2p"),
                    mayUse("musig", "base"),
                    mayUse("bitcoin", "base", "musig"),
                    mayUse("lightclient", "base", "bitcoin"),
                    mayUse("regtest", "base", "bitcoin", "lightclient"),
                    mayUse("examples", "base", "libp2p", "musig", "signing", "coordinator"),
                    mayUse("signing", "base", "libp2p", "musig"),
                    mayUse("coordinator", "base", "libp2p", "musig", "signing"),
                    mayUse(
                            "wallet",
                            "base",
                            "musig",
                            "bitcoin",
                            "lightclient",
                            "signing",
                            "coordinator"),
                    mayUse(
                            "node",
                            "base",
                            "libp2p",
                            "musig",
                            "bitcoin",
                            "lightclient",
                            "signing",
                            "coordinator",
                            "wallet"),
                    mayUse(
                            "benchmarks",
                            "base",
                            "libp2p",
                            "testkit",
                            "musig",
                            "bitcoin",
                            "lightclient",
                            "signing",
                            "coordinator"),
                    mayUse("interop", "base", "libp2p", "musig", "bitcoin", "lightclient"),
                    mayUse(
                            "app",
                            "base",
                            "libp2p",
                            "musig",
                            "bitcoin",
                            "lightclient",
                            "signing",
                            "coordinator",
                            "wallet",
                            "node",
                            "regtest",
                            "testkit",
                            "benchmarks"));

    private static Map.Entry<String, Set<String>> mayUse(String module, String... others) {
        return Map.entry(module, Set.of(others));
    }

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("/test-classes/"))
                    .importPackages("org.tutti");

    private static final Path ROOT = Path.of(System.getProperty("tutti.root"));

    /// A type in an internal package, named in full: in an import or in code.
    private static final Pattern INTERNAL_NAME =
            Pattern.compile("\\borg\\.tutti\\.(\\w+)\\.(?:\\w+\\.)*internal\\.");

    /// The tests that may use internals of another module: the wire codecs of `signing`. A hostile
    /// member signs and sends requests that the public packages refuse to make, and tells what
    /// other members' messages say; and that no nonce was used twice is read from the signed
    /// messages themselves.
    private static final Set<String> MAY_USE_WIRE_CODECS =
            Set.of(
                    "org.tutti.app.demo.CraftedRequests",
                    "org.tutti.app.demo.HostileMember",
                    "org.tutti.app.demo.Journals");

    /// Simulated networks run engines of libp2p without their drivers, which are all that its
    /// public packages show of them.
    private static final Pattern SIMULATED_ENGINES =
            Pattern.compile("org\\.tutti\\.libp2p\\.internal\\.(kad|pubsub)(\\..*)?");

    /// The module that has nothing but tests.
    private static final String WORLDS = "worlds";

    private static final String PLANTED = "org.tutti.app.architecture.planted";

    @Test
    void everyModuleUsesOnlyTheModulesBelowIt() {
        MAY_USE.forEach((module, allowed) -> {
            String[] forbidden =
                    packages(
                            MAY_USE.keySet().stream()
                                    .filter(other ->
                                            !other.equals(module) && !allowed.contains(other))
                                    .map(other -> "org.tutti." + other));
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

    /// Were the classes of a module not on the class path, every rule would hold for them. The
    /// modules that only show something, examples and interop, are among them.
    @Test
    void everyModuleIsKnownToThisTestAndItsClassesWereImported() {
        Set<String> seen = MAIN.stream().map(ArchitectureTest::module).collect(Collectors.toSet());
        assertThat(seen).isEqualTo(MAY_USE.keySet()).contains("examples", "interop");
    }

    @Test
    void noPackagesUseEachOtherInACircle() {
        noCircles("org.tutti.(**)").check(MAIN);
    }

    @Test
    void aCircleOfTwoPackagesIsFound() {
        JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);
        assertThat(planted).hasSize(2);
        EvaluationResult result = noCircles("org.tutti.(**)").evaluate(planted);
        assertThat(result.hasViolation()).isTrue();
        assertThat(result.getFailureReport().toString())
                .contains("Cycle detected")
                .contains("planted.a")
                .contains("planted.b");
    }

    /// Every package is a slice of its own, subpackages apart from the package above them.
    private static ArchRule noCircles(String packages) {
        return slices().matching(packages).should().beFreeOfCycles();
    }

    @Test
    void theProtocolsOfLibp2pDoNotUseEachOther() {
        Set<String> protocols =
                MAIN.stream()
                        .filter(c -> c.isAssignableTo(NetworkBehaviour.class) && !c.isInterface())
                        .filter(c -> !module(c).equals("examples"))
                        .map(c -> c.getPackageName().replace(".internal.", "."))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(protocols).contains("org.tutti.libp2p.identify", "org.tutti.libp2p.ping");
        for (String protocol : protocols) {
            noClasses()
                    .that()
                    .resideInAnyPackage(packages(partsOf(protocol)))
                    .should()
                    .dependOnClassesThat(
                            resideInAnyPackage(
                                            packages(
                                                    protocols.stream()
                                                            .filter(other ->
                                                                    !other.equals(protocol))
                                                            .flatMap(ArchitectureTest::partsOf)))
                                    .and(DescribedPredicate.not(isToldToAnybody())))
                    .check(MAIN);
        }
    }

    /// What a host tells whoever subscribes: that a peer said what it speaks is for other protocols
    /// to hear, too.
    private static DescribedPredicate<JavaClass> isToldToAnybody() {
        return DescribedPredicate.describe(
                "is an event of a host", (JavaClass c) -> c.isAssignableTo(HostEvent.class));
    }

    /// What users see of a protocol, and what is internal to it.
    private static Stream<String> partsOf(String protocol) {
        return Stream.of(protocol, protocol.replace(".libp2p.", ".libp2p.internal."));
    }

    @Test
    void whatIsInternalToAModuleIsUsedByThatModuleAlone() {
        assertThat(
                        MAIN.stream()
                                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                                .filter(ArchitectureTest::usesInternalsOfAnotherModule)
                                .map(Dependency::getDescription))
                .isEmpty();
    }

    /// Else a user who calls it would have to name an internal type, or could not call it.
    @Test
    void nothingThatUsersCallNamesAnInternalType() {
        assertThat(
                        MAIN.stream()
                                .filter(c -> isPublic(c) && !isInternal(c))
                                .flatMap(c -> c.getMembers().stream())
                                .filter(ArchitectureTest::isForUsers)
                                .filter(m ->
                                        m.getAllInvolvedRawTypes().stream()
                                                .map(JavaClass::getBaseComponentType)
                                                .anyMatch(ArchitectureTest::isInternal))
                                .map(JavaMember::getFullName))
                .isEmpty();
    }

    /// With every class around it.
    private static boolean isPublic(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(ArchitectureTest::isPublic).orElse(true);
    }

    private static boolean isForUsers(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.PUBLIC)
                || member.getModifiers().contains(JavaModifier.PROTECTED);
    }

    /// Read from the sources, because the test classes of other modules are not on this class path.
    @Test
    void testsUseTheInternalsOfTheirOwnModuleAlone() throws IOException {
        Set<String> users = new TreeSet<>();
        Set<String> modules = new TreeSet<>(MAY_USE.keySet());
        modules.add(WORLDS);
        for (String module : modules) {
            Path sources = ROOT.resolve(module).resolve("src/test/java");
            if (Files.isDirectory(sources)) {
                try (Stream<Path> files = Files.walk(sources)) {
                    files.filter(f -> f.toString().endsWith(".java"))
                            .filter(f -> namesInternalsOfAnotherModule(f, module))
                            .filter(f -> !isWorld(module, sources.relativize(f)))
                            .filter(f -> !module.equals("testkit"))
                            .forEach(f -> users.add(className(sources.relativize(f))));
                }
            }
        }
        assertThat(users).isEqualTo(MAY_USE_WIRE_CODECS);
    }

    /// The simulated worlds of signing's engine, alone and with the real wallet in them: they are
    /// in the engine's package, because a world is made of its parts, and in a module of their own,
    /// because signing knows no wallets and nothing has to wait for them.
    private static boolean isWorld(String module, Path source) {
        return module.equals(WORLDS)
                && Path.of("org/tutti/signing/internal/engine").equals(source.getParent());
    }

    private static boolean namesInternalsOfAnotherModule(Path source, String module) {
        try {
            return INTERNAL_NAME
                    .matcher(Files.readString(source))
                    .results()
                    .anyMatch(found -> !found.group(1).equals(module));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String className(Path source) {
        return source.toString().replace('/', '.').replaceFirst("\\.java$", "");
    }

    private static boolean usesInternalsOfAnotherModule(Dependency dependency) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String user = module(dependency.getOriginClass());
        boolean simulated =
                user.equals("testkit")
                        && SIMULATED_ENGINES.matcher(target.getPackageName()).matches();
        return isInternal(target) && !module(target).equals(user) && !simulated;
    }

    private static boolean isInternal(JavaClass type) {
        return type.getPackageName().matches("org\\.tutti\\.(\\w+\\.)+internal(\\..*)?");
    }

    @Test
    void onlyTheNativeBindingKnowsTheLibraryThatItLoads() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.tutti.musig..secp256k1..")
                .and(resideInAPackage("org.tutti.."))
                .should()
                .dependOnClassesThat(resideInAPackage("fr.acinq.."))
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
        for (String module : MAY_USE.keySet()) {
            Path sources = ROOT.resolve(module).resolve("src/main/java");
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
            throw new UncheckedIOException(e);
        }
    }

    private static String module(JavaClass type) {
        return type.getPackageName().split("\\.", -1)[2];
    }

    /// These packages and what is below them, as patterns.
    private static String[] packages(Stream<String> names) {
        return names.map(name -> name + "..").toArray(String[]::new);
    }
}
