package org.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.event.RequestPhase;
import org.tutti.coordinator.event.SignerState;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupPhase;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.json.JsonRecords;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.session.AbortCode;
import org.tutti.wallet.payments.PaymentState;
import org.tutti.wallet.policy.RefusalCode;
import org.tutti.wallet.spend.PaymentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Whatever a program may read stands in `docs/`: codes, states, keys of the configuration. The
/// unit for systemd is one.
class OperatingGuideTest {
    private static final Path ROOT = Path.of(System.getProperty("tutti.root", ".."));

    /// Upper-case words with an underscore, and single ones where an error is made.
    private static final Pattern CODE =
            Pattern.compile(
                    "\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\""
                            + "|(?:Failed|Exception|Error\\.of|CommandError)\\(\\s*\"([A-Z]{3,})\"");

    /// Words of command lines and of the environment.
    private static final Set<String> NO_CODES = Set.of("SAT_PER_VBYTE", "TUTTI_PEER_BIN");

    private static String docs() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".md")).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    private static Set<String> codes() throws IOException {
        Set<String> codes = new TreeSet<>();
        for (String module : new String[] {"app", "node", "wallet", "signing"}) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    Matcher found = CODE.matcher(Files.readString(file));
                    while (found.find()) {
                        codes.add(found.group(1) == null ? found.group(2) : found.group(1));
                    }
                }
            }
        }
        for (Enum<?>[] constants :
                new Enum<?>[][] {
                    RefusalCode.values(),
                    AbortCode.values(),
                    PaymentException.Code.values(),
                    GroupException.Code.values(),
                    CoordinatorException.Code.values(),
                    GroupFailure.Code.values()
                }) {
            Stream.of(constants).map(Enum::name).forEach(codes::add);
        }
        codes.removeAll(NO_CODES);
        return codes;
    }

    @Test
    void everyCodeIsDocumented() throws IOException {
        String docs = docs();
        Set<String> codes = codes();
        assertThat(codes).hasSizeGreaterThan(120).contains("UNKNOWN_OUTCOME", "CONFIG", "DUST");
        assertThat(codes)
                .allSatisfy(code ->
                        assertThat(Pattern.compile("\\b" + code + "\\b").matcher(docs).find())
                                .as(code)
                                .isTrue());
    }

    @Test
    void everyStateIsExplained() throws IOException {
        String guide = Files.readString(ROOT.resolve("docs/operating.md"));
        for (Enum<?>[] states :
                new Enum<?>[][] {
                    PaymentState.values(),
                    NodeStatus.Member.State.values(),
                    NodeStatus.Session.Phase.values(),
                    RequestPhase.values(),
                    GroupPhase.values(),
                    SignerState.values(),
                    SessionInfo.Phase.values()
                }) {
            for (Enum<?> state : states) {
                assertThat(guide).contains("\n| `" + JsonRecords.name(state) + "` | ");
            }
        }
    }

    @Test
    void everyKeyOfTheConfigurationIsExplained() throws IOException {
        String reader =
                Files.readString(
                                ROOT.resolve(
                                        "node/src/main/java/org/tutti/node/config/ConfigReader.java"))
                        + Files.readString(
                                ROOT.resolve(
                                        "node/src/main/java/org/tutti/node/config/RequestsReader.java"));
        String guide = Files.readString(ROOT.resolve("docs/operating.md"));
        Matcher keys =
                Pattern.compile(
                                "\\.(?:parsed|optionalString|integer|optionalInteger|flag|list)\\(\\s*\"([a-z_]+)\"|seconds\\(\\w+, \"([a-z_]+)\"")
                        .matcher(reader);
        Set<String> found = new TreeSet<>();
        while (keys.find()) {
            found.add(keys.group(1) == null ? keys.group(2) : keys.group(1));
        }
        assertThat(found).hasSizeGreaterThan(15).contains("alias", "readiness_seconds", "peers");
        assertThat(found)
                .allSatisfy(key -> assertThat(guide).containsPattern("`(\\w+\\.)?" + key + "`"));
    }

    @Test
    void theUnitForSystemdIsOne() throws Exception {
        Path unit = ROOT.resolve("packaging/tutti@.service");
        assertThat(Files.readString(unit)).contains("node --config", "LimitCORE=0");
        Path tool = Path.of("/usr/bin/systemd-analyze");
        if (!Files.isExecutable(tool)) {
            return; // Where the tool is not, nobody can say.
        }
        Process process =
                new ProcessBuilder(tool.toString(), "verify", "--man=no", unit.toString())
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(
                        process.getInputStream().readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        // That the program is not installed here is no fault of the unit's.
        assertThat(said.lines().filter(line -> line.contains("tutti@")))
                .allMatch(line -> line.contains("is not executable"), said);
    }
}
