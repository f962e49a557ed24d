package org.tutti.app.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.host.HostBuilder;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.PeerLists;
import org.tutti.libp2p.transport.memory.MemoryNetwork;
import org.tutti.node.events.LinePrinter;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// What `./tutti p2p listen` prints, and what it is told.
@Timeout(60)
class ListenConsoleTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Host> hosts = new ArrayList<>();
    private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();
    private final LinePrinter printer = LinePrinter.start(printed::add);
    private final PeerLists lists = PeerLists.everybody();

    private Host bob = builder().build();
    private ListenConsole console = console(bob);

    @BeforeEach
    void listen() throws IOException {
        bob = start(builder().gater(lists));
        console = console(bob);
    }

    @AfterEach
    void close() {
        hosts.forEach(Host::close);
        printer.close();
    }

    private ListenOutput output() {
        PeerOptions options = new PeerOptions();
        options.json = true;
        return new ListenOutput(options, printer);
    }

    private ListenConsole console(Host host) {
        return new ListenConsole(host, lists, Optional.empty(), output());
    }

    private HostBuilder builder() {
        return Host.builder()
                .identity(Keys.generate(KeyType.ED25519, new SecureRandom()))
                .transport(network.transport())
                .listen("/memory/0");
    }

    private Host start(HostBuilder builder) throws IOException {
        Host host = builder.build();
        hosts.add(host);
        var _ = host.subscribe(HostEvent.class, new ListenEvents(output())::report);
        host.start();
        return host;
    }

    private Host startQuietly() throws IOException {
        Host host = builder().build();
        hosts.add(host);
        host.start();
        return host;
    }

    private void say(String... lines) throws IOException {
        console.run(
                new ByteArrayInputStream(
                        String.join("\n", lines).getBytes(StandardCharsets.UTF_8)));
    }

    private JsonObject next(Predicate<JsonObject> wanted)
            throws InterruptedException, JsonLineException {
        while (true) {
            String line = printed.poll(20, TimeUnit.SECONDS);
            assertThat(line).as("a line").isNotNull();
            JsonObject object = JsonLine.parse(String.valueOf(line));
            if (wanted.test(object)) {
                return object;
            }
        }
    }

    private JsonObject event(String name) throws Exception {
        return next(o -> isEvent(o, name));
    }

    private static boolean isEvent(JsonObject line, String name) {
        return line.text("event").filter(name::equals).isPresent();
    }

    private JsonObject reply() throws Exception {
        return next(o -> o.has("ok"));
    }

    private static String peer(String command, Host host) {
        return "{\"cmd\":\"" + command + "\",\"peer\":\"" + host.peerId() + "\"}";
    }

    private static String dial(Object address) {
        return "{\"cmd\":\"dial\",\"addr\":\"" + address + "\"}";
    }

    @Test
    void whoComesAndGoesIsPrinted() throws Exception {
        Host alice = startQuietly();
        Connection connection = alice.connect(bob.addresses().getFirst());
        JsonObject connected = event("connected");
        assertThat(connected.string("peerId")).isEqualTo(alice.peerId().toString());
        assertThat(connected.string("remoteAddress")).startsWith("/memory/");
        assertThat(connected.flag("outbound")).isFalse();
        connection.close();
        JsonObject closed = event("closed");
        assertThat(closed.string("peerId")).isEqualTo(alice.peerId().toString());
        assertThat(closed.string("reason")).isNotBlank();
    }

    @Test
    void whoeverIsDeniedIsClosedAndRefusedUntilAllowed() throws Exception {
        Host alice = startQuietly();
        alice.connect(bob.addresses().getFirst());
        event("connected");
        say(peer("deny", alice));
        // In either order: the connection's end is told by another thread than the command's.
        Predicate<JsonObject> either = o -> o.has("ok") || isEvent(o, "closed");
        List<JsonObject> both = List.of(next(either), next(either));
        JsonObject done = both.stream().filter(o -> o.has("ok")).findFirst().orElseThrow();
        JsonObject closed =
                both.stream().filter(o -> isEvent(o, "closed")).findFirst().orElseThrow();
        assertThat(done.flag("ok")).isTrue();
        assertThat(done.string("cmd")).isEqualTo("deny");
        assertThat(done.string("peer")).isEqualTo(alice.peerId().toString());
        assertThat(closed.string("peerId")).isEqualTo(alice.peerId().toString());
        while (alice.isConnected(bob.peerId())) {
            Thread.onSpinWait();
        }
        try {
            alice.connect(bob.addresses().getFirst());
        } catch (IOException e) {
            // Whether it hears of it in its dial or after it is a matter of time.
        }
        JsonObject refused = event("refused");
        assertThat(refused.string("reason")).isEqualTo("GATED");
        assertThat(refused.string("remoteAddress")).startsWith("/memory/");
        say(peer("allow", alice));
        assertThat(reply().string("cmd")).isEqualTo("allow");
        while (alice.isConnected(bob.peerId())) {
            Thread.onSpinWait();
        }
        alice.connect(bob.addresses().getFirst());
        assertThat(event("connected").string("peerId")).isEqualTo(alice.peerId().toString());
    }

    @Test
    void itDialsWhomItIsToldTo() throws Exception {
        Host alice = startQuietly();
        String address = alice.addresses().getFirst().toString();
        say(dial(address));
        JsonObject done = reply();
        assertThat(done.flag("ok")).isTrue();
        assertThat(done.string("cmd")).isEqualTo("dial");
        assertThat(done.string("addr")).isEqualTo(address);
        assertThat(bob.isConnected(alice.peerId())).isTrue();
    }

    @Test
    void aDialThatFailsIsAnsweredByItsReason() throws Exception {
        Host alice = startQuietly();
        say(dial("/memory/7/p2p/" + alice.peerId()));
        JsonObject failed = reply();
        assertThat(failed.flag("ok")).isFalse();
        assertThat(failed.string("cmd")).isEqualTo("dial");
        assertThat(failed.string("code")).isEqualTo("DIAL_FAILED");
        say(dial("/memory/7/p2p/" + bob.peerId()));
        assertThat(reply().flag("ok")).as("a dial to ourselves").isFalse();
    }

    @Test
    void dialsOneAfterAnotherHaveNoBound() throws Exception {
        for (int i = 0; i <= ListenConsole.MAX_DIALS; i++) {
            say(dial("/memory/7/p2p/" + somebody()));
            assertThat(reply().string("code")).isEqualTo("DIAL_FAILED");
        }
    }

    @Test
    void dialsAtOnceAreBounded() throws Exception {
        // It takes connections and says nothing.
        try (RawListener silent = network.transport().listen(Multiaddr.parse("/memory/77"))) {
            for (int i = 0; i <= ListenConsole.MAX_DIALS; i++) {
                say(dial("/memory/77/p2p/" + somebody()));
            }
            assertThat(reply().string("code")).isEqualTo("TOO_MANY_DIALS");
            for (int i = 0; i < ListenConsole.MAX_DIALS; i++) {
                silent.accept().close();
            }
            for (int i = 0; i < ListenConsole.MAX_DIALS; i++) {
                assertThat(reply().flag("ok")).isFalse();
            }
        }
    }

    private static PeerId somebody() {
        return Keys.generate(KeyType.ED25519, new SecureRandom()).publicKey().peerId();
    }

    @Test
    void statsAreCounted() throws Exception {
        Host alice = startQuietly();
        alice.connect(bob.addresses().getFirst());
        event("connected");
        say("{\"cmd\":\"stats\"}");
        JsonObject stats = event("stats");
        assertThat(stats.integer("connections")).isEqualTo(1);
        assertThat(stats.integer("streams")).isNotNegative();
        assertThat(stats.integer("bytesIn")).isPositive();
        assertThat(stats.integer("bytesOut")).isPositive();
        assertThat(stats.fields().get("refused")).isEqualTo(Map.of());
    }

    @Test
    void refusalsAreCountedByReason() throws Exception {
        Host alice = startQuietly();
        say(peer("deny", alice));
        try {
            alice.connect(bob.addresses().getFirst());
        } catch (IOException e) {
            // Whether it hears of it in its dial or after it is a matter of time.
        }
        event("refused");
        say("{\"cmd\":\"stats\"}");
        assertThat(event("stats").fields().get("refused")).isEqualTo(Map.of("GATED", 1L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "[]",
                "{}",
                "{\"cmd\":7}",
                "{\"cmd\":\"dance\"}",
                "{\"cmd\":\"allow\"}",
                "{\"cmd\":\"allow\",\"peer\":\"nobody\"}",
                "{\"cmd\":\"deny\",\"peer\":5}",
                "{\"cmd\":\"dial\"}",
                "{\"cmd\":\"dial\",\"addr\":\"nowhere\"}",
                "{\"cmd\":\"dial\",\"addr\":\"/memory/7\"}",
                "{\"cmd\":\"stats\"} {\"cmd\":\"stats\"}",
            })
    void aLineThatIsNoneIsAnsweredByAnError(String line) throws Exception {
        say(line);
        JsonObject error = reply();
        assertThat(error.flag("ok")).isFalse();
        assertThat(error.string("code")).isEqualTo("BAD_REQUEST");
        assertThat(error.string("message")).isNotBlank();
    }

    @Test
    void aLineThatIsTooLongIsSkippedAndTheNextOneCounts() throws Exception {
        say("x".repeat(ListenConsole.MAX_LINE + 1), "", "{\"cmd\":\"stats\"}");
        assertThat(reply().string("message")).contains("bytes in a line");
        assertThat(event("stats").integer("connections")).isZero();
    }
}
