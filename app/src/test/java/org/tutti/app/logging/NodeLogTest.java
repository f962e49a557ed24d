package org.tutti.app.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.node.config.NodeConfig.LogConfig;
import org.tutti.node.events.NodeEvent;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonObject;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class NodeLogTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final System.Logger LIBRARY = System.getLogger("org.tutti.libp2p.example");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private NodeLog log(boolean json) {
        return NodeLog.start(json, id -> "<" + id + ">", new PrintStream(printed), () -> AT);
    }

    private static LogConfig config(Level level, Map<String, Level> levels, String pattern) {
        return new LogConfig(level, levels, Optional.of(pattern));
    }

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void anEventIsALineWithDateZoneLevelAndPart() {
        try (NodeLog log = log(false)) {
            log.emit(new NodeEvent.AllMembersConnected(3));
        }
        assertThat(lines())
                .singleElement()
                .asString()
                .matches(
                        "2026-01-0[123] \\d\\d:\\d4:05\\.678(Z|[+-]\\d\\d:\\d\\d) INFO {2}"
                                + "org\\.tutti\\.node\\.members - all 3 members are connected");
    }

    @Test
    void whatHappenedThenHasTheTimeOfThen() {
        try (NodeLog log = log(false)) {
            log.use(config(Level.INFO, Map.of(), "%date{yyyy} %message"));
            log.emit(Instant.parse("2001-06-01T00:00:00Z"), new NodeEvent.Stopped());
        }
        assertThat(lines()).containsExactly("2001 stopped");
    }

    @Test
    void whatTheLibrariesLogIsInTheSameLog() {
        try (NodeLog log = log(false)) {
            log.use(config(Level.INFO, Map.of(), "%level %logger %message"));
            LIBRARY.log(Level.WARNING, "look");
            LIBRARY.log(Level.DEBUG, "nobody wants to know");
        }
        assertThat(lines()).containsExactly("WARN org.tutti.libp2p.example look");
    }

    @Test
    void eachPartHasALevelThatChangesWhileTheNodeRuns() {
        try (NodeLog log = log(false)) {
            log.use(
                    config(
                            Level.WARNING,
                            Map.of(
                                    "org.tutti.libp2p",
                                    Level.DEBUG,
                                    "org.tutti.node.sessions",
                                    Level.OFF),
                            "%message"));
            LIBRARY.log(Level.DEBUG, "one");
            log.emit(new NodeEvent.Stopped());
            log.emit(new NodeEvent.AttemptFailed("aa", 1, List.of(), "why"));
            log.emit(new NodeEvent.Failed("CODE", "two"));
            log.use(config(Level.INFO, Map.of(), "now %message"));
            LIBRARY.log(Level.DEBUG, "three");
            log.emit(new NodeEvent.Stopped());
            log.emit(new NodeEvent.AttemptFailed("aa", 1, List.of(), "why"));
        }
        assertThat(lines())
                .containsExactly(
                        "one",
                        "failed, CODE: two",
                        "now stopped",
                        "now session aa: attempt 1 failed: why");
    }

    @Test
    void whatTheLibrariesTellOfEachConnectionIsInTheLogIfItIsAskedFor() {
        try (NodeLog log = log(false)) {
            log.use(config(Level.INFO, Map.of(), "%message"));
            LIBRARY.log(Level.INFO, "one of many");
            LIBRARY.log(Level.WARNING, "look");
            log.use(config(Level.INFO, Map.of("org.tutti.libp2p", Level.INFO), "%message"));
            LIBRARY.log(Level.INFO, "asked for");
        }
        assertThat(lines()).containsExactly("look", "asked for");
    }

    @Test
    void nothingInALineActsOnATerminalOrIsAnotherLine() {
        String evil = "\r\u001b[1A2026 all is well\n\u202e2026 INFO forged";
        try (NodeLog log = log(false)) {
            log.emit(new NodeEvent.RequestReceived("aa", "12D3KooWAlice", evil));
            LIBRARY.log(Level.ERROR, evil, new IOException(evil));
        }
        assertThat(lines()).allMatch(l -> l.matches("\\P{Cntrl}*") && !l.contains("\u202e"));
        assertThat(lines().stream().filter(l -> !l.startsWith("    "))).hasSize(2);
        assertThat(lines().get(2)).startsWith("    java.io.IOException: ");
    }

    @Test
    void asJsonWhatIsLoggedIsAnEvent() throws Exception {
        try (NodeLog log = log(true)) {
            log.emit(new NodeEvent.AllMembersConnected(3));
            LIBRARY.log(Level.ERROR, "broken\n", new IOException("disk"));
        }
        assertThat(lines()).hasSize(2);
        assertThat(JsonLine.parse(lines().get(0)).string("event")).isEqualTo("mesh-complete");
        JsonObject logged = JsonLine.parse(lines().get(1));
        assertThat(logged.string("event")).isEqualTo("log");
        assertThat(logged.string("level")).isEqualTo("error");
        assertThat(logged.string("logger")).isEqualTo("org.tutti.libp2p.example");
        assertThat(logged.string("message")).isEqualTo("broken\n");
        assertThat(logged.string("error")).startsWith("java.io.IOException: disk");
    }

    @Test
    void aPatternThatIsNoneIsRefusedAndChangesNothing() {
        for (String wrong : new String[] {"%nonsense", "%date{", "%d{yyyy"}) {
            LogConfig config = config(Level.OFF, Map.of(), wrong);
            assertThatThrownBy(() -> NodeLog.check(config))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        try (NodeLog log = log(false)) {
            log.use(config(Level.INFO, Map.of(), "%message"));
            assertThatThrownBy(() -> log.use(config(Level.OFF, Map.of(), "%nonsense")))
                    .isInstanceOf(IllegalArgumentException.class);
            log.emit(new NodeEvent.Stopped());
        }
        assertThat(lines()).containsExactly("stopped");
    }
}
