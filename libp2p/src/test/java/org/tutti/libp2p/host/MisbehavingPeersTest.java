package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.identify.IdentifyException;
import org.tutti.libp2p.internal.identify.Identify;
import org.tutti.libp2p.internal.ping.Ping;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.ping.PingException;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.StreamHandler;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;

@Timeout(60)
class MisbehavingPeersTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final MemoryHosts net = new MemoryHosts();

    @AfterEach
    void close() {
        net.close();
    }

    /// A host that answers one protocol in its own way.
    private Host mallory(String protocol, StreamHandler handler) throws Exception {
        Host mallory = net.start(net.builder());
        mallory.unhandle(protocol);
        mallory.handle(protocol, handler);
        return mallory;
    }

    @Test
    void aPingThatComesBackChangedIsAnError() throws Exception {
        Host alice = net.start(net.builder());
        Host mallory =
                mallory(
                        Ping.PROTOCOL,
                        s -> {
                            byte[] ping = new byte[32];
                            Frames.readFully(s, ping, 0, 32);
                            ping[31] ^= 1;
                            s.write(ping, 0, 32);
                        });
        alice.connect(MemoryHosts.addressOf(mallory));
        assertThatThrownBy(() -> alice.ping(mallory.peerId()))
                .isInstanceOfSatisfying(
                        PingException.class, e -> assertThat(e.peer()).isEqualTo(mallory.peerId()));
    }

    @Test
    void aPingIsAnsweredAfterTheRemoteHasClosedItsSide() throws Exception {
        Host alice = net.start(net.builder());
        try (ScriptedPeer js =
                ScriptedPeer.connect(
                        net.transport(), MemoryHosts.addressOf(alice), MemoryHosts.key())) {
            MuxedStream stream = js.openStream(Ping.PROTOCOL);
            byte[] ping = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
            stream.write(ping, 0, 32);
            stream.closeWrite();
            byte[] pong = new byte[32];
            Frames.readFully(stream, pong, 0, 32);
            assertThat(pong).isEqualTo(ping);
            assertThat(stream.read(pong, 0, 1)).isEqualTo(-1);
        }
    }

    @Test
    void anOversizedIdentifyMessageIsRefusedAndTheConnectionLives() throws Exception {
        Host alice = net.start(net.builder());
        Host mallory = mallory(Identify.PROTOCOL, s -> Frames.write(s, new byte[8 * 1024 + 1]));
        Connection connection = alice.connect(MemoryHosts.addressOf(mallory));
        assertThatThrownBy(() -> alice.awaitIdentified(connection, SOON))
                .hasCauseInstanceOf(IdentifyException.class);
        assertThat(alice.identified(mallory.peerId())).isEmpty();
        assertThat(alice.ping(mallory.peerId())).isPositive();
    }

    @Test
    void anIdentifyMessageInPartsIsMergedAndAnEndlessOneRefused() throws Exception {
        Host alice = net.start(net.builder());
        // Field 6 is the agent version, field 3 a protocol.
        Host go =
                mallory(
                        Identify.PROTOCOL,
                        s -> {
                            Frames.write(s, new byte[] {0x32, 2, 'g', 'o'});
                            Frames.write(s, new byte[] {0x1a, 2, '/', 'a'});
                            Frames.write(s, new byte[] {0x1a, 2, '/', 'b'});
                        });
        PeerInfo info = alice.awaitIdentified(alice.connect(MemoryHosts.addressOf(go)), SOON);
        assertThat(info.agentVersion()).isEqualTo("go");
        assertThat(info.protocols()).containsExactly("/a", "/b");
        Host mallory =
                mallory(
                        Identify.PROTOCOL,
                        s -> {
                            for (int i = 0; i < 11; i++) {
                                Frames.write(s, new byte[] {0x1a, 2, '/', 'b'});
                            }
                        });
        Connection connection = alice.connect(MemoryHosts.addressOf(mallory));
        assertThatThrownBy(() -> alice.awaitIdentified(connection, SOON))
                .hasCauseInstanceOf(IdentifyException.class);
    }

    @Test
    void aPushLeavesWhatItDoesNotNameUnchanged() throws Exception {
        Host alice = net.start(net.builder());
        BlockingQueue<HostEvent> seen = MemoryHosts.events(alice);
        Host bob = net.start(net.builder().agentVersion("bob/1"));
        Connection connection = bob.connect(MemoryHosts.addressOf(alice));
        PeerInfo before = MemoryHosts.next(seen, Identified.class).info();
        var stream = connection.openStream(Identify.PUSH_PROTOCOL);
        Frames.write(stream, new byte[] {0x1a, 2, '/', 'z'});
        stream.close();
        PeerInfo after = MemoryHosts.next(seen, Identified.class).info();
        assertThat(after.protocols()).containsExactly("/z");
        assertThat(after.agentVersion()).isEqualTo("bob/1");
        assertThat(after.listenAddresses()).isEqualTo(before.listenAddresses());
        assertThat(after.certifiedAddresses()).isTrue();
    }

    @Test
    void anIdentifyMessageWithAnotherKeyIsRefused() throws Exception {
        Host alice = net.start(net.builder());
        byte[] key = MemoryHosts.key().publicKey().toProtobuf().toArray();
        byte[] message = new byte[key.length + 2];
        message[0] = 0x0a;
        message[1] = (byte) key.length;
        System.arraycopy(key, 0, message, 2, key.length);
        Host mallory = mallory(Identify.PROTOCOL, s -> Frames.write(s, message));
        Connection connection = alice.connect(MemoryHosts.addressOf(mallory));
        assertThatThrownBy(() -> alice.awaitIdentified(connection, SOON))
                .hasCauseInstanceOf(IdentifyException.class);
    }
}
