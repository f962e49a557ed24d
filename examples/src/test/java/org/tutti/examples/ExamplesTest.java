package org.tutti.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

@Timeout(60)
class ExamplesTest {
    private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    private List<String> lines() {
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static Host start() throws IOException {
        Host host =
                Host.builder().identity(Keys.generate(KeyType.ED25519, new SecureRandom())).build();
        host.start();
        return host;
    }

    @Test
    void aNewIdentityIsPrintedAsItsPeerId() {
        NewIdentity.run(out);
        assertThat(lines()).hasSize(1);
        assertThat(PeerId.parse(lines().getFirst())).hasToString(lines().getFirst());
    }

    @Test
    void oneExampleListensAndTheOtherPingsIt() throws Exception {
        try (Host listener = Listen.start(LOOPBACK)) {
            assertThat(listener.addresses()).hasSize(1);
            List<Duration> times = PingPeer.ping(listener.addresses().getFirst().toString(), 3);
            assertThat(times).hasSize(3).allSatisfy(t -> assertThat(t).isPositive());
        }
    }

    @Test
    void aRequestIsAnswered() throws Exception {
        assertThat(Shout.shout("good morning")).isEqualTo("GOOD MORNING");
    }

    @Test
    void whatOneSaysInAChatEverybodyReads() throws Exception {
        BlockingQueue<String> atBob = new LinkedBlockingQueue<>();
        BlockingQueue<String> atCarol = new LinkedBlockingQueue<>();
        try (Chat alice = Chat.join(_ -> {});
                Chat bob = Chat.join(atBob::add, alice.address());
                Chat carol = Chat.join(atCarol::add, bob.address())) {
            while (alice.others() < 1 || bob.others() < 2 || carol.others() < 1) {
                Thread.sleep(5);
            }
            alice.say("good morning");
            String said = alice.name() + ": good morning";
            assertThat(atBob.poll(20, TimeUnit.SECONDS)).isEqualTo(said);
            assertThat(atCarol.poll(20, TimeUnit.SECONDS)).isEqualTo(said);
        }
    }

    @Test
    void anEchoAnswersItsFriendsAlone(@TempDir Path folder) throws Exception {
        try (GatedEcho echo = new GatedEcho(folder.resolve("identity.key"), LOOPBACK);
                Host alice = start();
                Host mallory = start()) {
            echo.change(alice.peerId().toString());
            assertThat(GatedEcho.ask(alice, echo.address(), "hello")).isEqualTo("hello");
            assertThatThrownBy(() -> GatedEcho.ask(mallory, echo.address(), "hello"))
                    .isInstanceOf(IOException.class);
            echo.change("-" + alice.peerId());
            while (!alice.connectedPeers().isEmpty()) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(() -> GatedEcho.ask(alice, echo.address(), "hello"))
                    .isInstanceOf(IOException.class);
        }
    }

    /// A machine whose multicast does not come back finds nobody.
    @Test
    void neighboursAreFoundAndLost() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (Host alice = Neighbours.start(LOOPBACK, seen::add)) {
            PeerId bob;
            try (Host host = Neighbours.start(LOOPBACK, _ -> {})) {
                bob = host.peerId();
                Assumptions.assumeTrue(
                        await(seen, "found " + bob), "multicast does not come back here");
            }
            assertThat(await(seen, "lost " + bob)).as("alice hears that bob leaves").isTrue();
            assertThat(alice.connectedPeers()).isEmpty();
        }
    }

    private static boolean await(BlockingQueue<String> lines, String start)
            throws InterruptedException {
        for (String line = lines.poll(10, TimeUnit.SECONDS);
                line != null && !line.startsWith("no mDNS");
                line = lines.poll(10, TimeUnit.SECONDS)) {
            if (line.startsWith(start)) {
                return true;
            }
        }
        return false;
    }
}
