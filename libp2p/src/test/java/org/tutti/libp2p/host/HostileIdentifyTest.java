package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.identify.IdentifyException;
import org.tutti.libp2p.internal.identify.Identify;
import org.tutti.libp2p.internal.peerstore.PeerStore;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.muxer.MuxedStream;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.Connection;
import org.tutti.libp2p.swarm.StreamHandler;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What a peer says about itself, without measure.
@Timeout(60)
class HostileIdentifyTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int ADDRESS = 2;
    private static final int PROTOCOL = 3;
    private static final int AGENT = 6;

    private final Victim alice;

    HostileIdentifyTest() throws IOException {
        alice = new Victim(Host.builder());
    }

    @AfterEach
    void close() {
        alice.close();
    }

    /// One field of bytes or text.
    private static byte[] field(int number, byte[] value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(number << 3 | 2);
        out.writeBytes(org.tutti.libp2p.multiformats.Varint.encode(value.length));
        out.writeBytes(value);
        return out.toByteArray();
    }

    private static byte[] field(int number, String value) {
        return field(number, value.getBytes(StandardCharsets.UTF_8));
    }

    /// What alice makes of a peer that answers identify so.
    private Connection connectTo(Victim mallory, StreamHandler answer) throws IOException {
        mallory.host.unhandle(Identify.PROTOCOL);
        mallory.host.handle(Identify.PROTOCOL, answer);
        return alice.host.connect(mallory.address());
    }

    @Test
    void aMebibyteIsRefused() throws Exception {
        try (Victim mallory = new Victim(Host.builder())) {
            Connection connection = connectTo(mallory, s -> Frames.write(s, new byte[1024 * 1024]));
            assertThatThrownBy(() -> alice.host.awaitIdentified(connection, SOON))
                    .hasCauseInstanceOf(IdentifyException.class);
            assertThat(alice.host.identified(mallory.host.peerId())).isEmpty();
            assertThat(alice.host.ping(mallory.host.peerId())).isPositive();
        }
    }

    @Test
    void aThousandProtocolsAndAddressesAreCutToTheirBounds() throws Exception {
        List<byte[]> parts = new ArrayList<>();
        for (int part = 0; part < 10; part++) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            for (int i = 0; i < 100; i++) {
                message.writeBytes(field(PROTOCOL, "/p/" + part + "/" + i));
                message.writeBytes(
                        field(
                                ADDRESS,
                                Multiaddr.parse("/ip4/10.0." + part + "." + i + "/tcp/1")
                                        .toBytes()));
            }
            parts.add(message.toByteArray());
        }
        try (Victim mallory = new Victim(Host.builder())) {
            Connection connection =
                    connectTo(
                            mallory,
                            s -> {
                                for (byte[] part : parts) {
                                    Frames.write(s, part);
                                }
                            });
            PeerInfo info = alice.host.awaitIdentified(connection, SOON);
            assertThat(info.protocols()).hasSize(256);
            assertThat(info.listenAddresses()).hasSize(PeerStore.MAX_ADDRESSES);
        }
    }

    @Test
    void textThatActsOnATerminalOrFillsMemoryIsNotKept() throws Exception {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(field(AGENT, "mal\u001b[2J\u009b1m\nory" + "x".repeat(4_000)));
        message.writeBytes(field(PROTOCOL, "/good"));
        message.writeBytes(field(PROTOCOL, "/bad\n"));
        message.writeBytes(field(PROTOCOL, "/" + "l".repeat(2_000)));
        try (Victim mallory = new Victim(Host.builder())) {
            Connection connection = connectTo(mallory, s -> Frames.write(s, message.toByteArray()));
            PeerInfo info = alice.host.awaitIdentified(connection, SOON);
            assertThat(info.agentVersion())
                    .startsWith("mal\\x{1b}[2J\\x{9b}1m\\x{a}oryxx")
                    .hasSizeLessThan(300);
            assertThat(info.protocols()).containsExactly("/good");
        }
    }

    @Test
    void aPeerThatPushesWithoutEndIsHeardTenTimes() throws Exception {
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(Victim.TCP, alice.address(), Victim.key())) {
            for (int i = 0; i < 10; i++) {
                assertThat(push(mallory, i)).isEqualTo(-1);
            }
            for (int i = 10; i < 50; i++) {
                int number = i;
                assertThatThrownBy(() -> push(mallory, number)).isInstanceOf(IOException.class);
            }
            assertThat(alice.host.connectedPeers()).hasSize(1);
            assertThat(alice.host.refusals().get("identifyPushes")).isEqualTo(40);
        }
        alice.next(SwarmEvent.ConnectionClosed.class);
        alice.assertServesOthers();
    }

    /// @return what ends the stream: -1 if alice took the push
    private static int push(ScriptedPeer mallory, int number) throws IOException {
        MuxedStream push = mallory.openStream(Identify.PUSH_PROTOCOL);
        Frames.write(push, field(AGENT, "mallory/" + number));
        push.closeWrite();
        return push.read(new byte[1], 0, 1);
    }

    @Test
    void pushesAtTheSameTimeAreBoundedByTheirStreams() throws Exception {
        try (ScriptedPeer mallory =
                ScriptedPeer.connect(Victim.TCP, alice.address(), Victim.key())) {
            List<MuxedStream> open = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                open.add(mallory.openStream(Identify.PUSH_PROTOCOL));
            }
            assertThatThrownBy(
                            () -> {
                                MuxedStream third = mallory.openStream(Identify.PUSH_PROTOCOL);
                                third.read(new byte[1], 0, 1);
                            })
                    .isInstanceOf(IOException.class);
            assertThat(open).hasSize(2);
        }
        alice.next(SwarmEvent.ConnectionClosed.class);
        alice.assertServesOthers();
    }
}
