package org.tutti.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.swarm.ResourceLimits;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Yamux frames written by hand over a proper Noise channel.
@Timeout(60)
class HostileFramesTest {
    private static final int DATA = 0;
    private static final int WINDOW_UPDATE = 1;
    private static final int PING = 2;
    private static final int GO_AWAY = 3;
    private static final int SYN = 1;
    private static final int ACK = 2;
    private static final int RST = 8;
    private static final int WINDOW = 256 * 1024;

    private final Victim alice;
    private SecureConnection mallory;

    private record Frame(int type, int flags, int stream, int length) {}

    HostileFramesTest() throws IOException {
        alice = new Victim(Host.builder());
    }

    @BeforeEach
    void connect() throws Exception {
        mallory = ScriptedPeer.secure(Victim.TCP, alice.address(), Victim.key());
        alice.next(SwarmEvent.ConnectionOpened.class);
    }

    @AfterEach
    void close() {
        mallory.close();
        alice.close();
    }

    private static byte[] frame(int type, int flags, int stream, int length) {
        return ByteBuffer.allocate(12)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(stream)
                .putInt(length)
                .array();
    }

    private void send(int type, int flags, int stream, int length) throws IOException {
        byte[] bytes = frame(type, flags, stream, length);
        mallory.write(bytes, 0, bytes.length);
    }

    /// The next frame; its payload is dropped.
    private Frame receive() throws IOException {
        byte[] bytes = new byte[12];
        Frames.readFully(mallory, bytes, 0, bytes.length);
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, 11);
        Frame frame = new Frame(in.get(), in.getShort(), in.getInt(), in.getInt());
        if (frame.type == DATA) {
            byte[] payload = new byte[frame.length];
            Frames.readFully(mallory, payload, 0, payload.length);
        }
        return frame;
    }

    private Frame await(int type, int flag) throws IOException {
        Frame frame = receive();
        while (frame.type != type || (frame.flags & flag) != flag) {
            frame = receive();
        }
        return frame;
    }

    private void assertStillConnected() throws IOException {
        send(PING, SYN, 0, 4711);
        Frame pong = await(PING, ACK);
        while (pong.length != 4711) {
            pong = await(PING, ACK);
        }
        assertThat(alice.host.connectedPeers()).hasSize(1);
    }

    private void assertThrownOut(String reason) throws Exception {
        assertThat(alice.next(SwarmEvent.ConnectionClosed.class).reason()).contains(reason);
        alice.assertServesOthers();
    }

    @Test
    void aStreamThatTheMuxerResetsIsToldWithTheLimitAndCounted() throws Exception {
        // In one frame: between two, whoever reads the stream might have ended it.
        send(DATA, SYN, 1, WINDOW + 5);
        mallory.write(new byte[WINDOW + 5], 0, WINDOW + 5);
        StreamRefused refused = alice.next(StreamRefused.class);
        assertThat(refused.reason()).isEqualTo("yamux.receiveWindow");
        assertThat(refused.connectionId()).isEqualTo("c1");
        assertThat(refused.protocol()).isEmpty();
        assertThat(alice.host.refusals()).containsEntry("yamux.receiveWindow", 1L);
        assertStillConnected();
    }

    @Test
    void aThousandStreamsCostNoMoreThanTheBound() throws Exception {
        int bound = ResourceLimits.defaults().maxStreamsPerConnection();
        Thread writer =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                for (int i = 0; i < 1_000; i++) {
                                    send(WINDOW_UPDATE, SYN, 2 * i + 1, 0);
                                }
                            } catch (IOException e) {
                                // Then too few resets arrive.
                            }
                        });
        for (int resets = 0; resets < 1_000 - 2 * bound; resets++) {
            await(WINDOW_UPDATE, RST);
        }
        writer.join();
        assertStillConnected();
        alice.assertServesOthers();
    }

    @Test
    void dataOverTheWindowResetsItsStream() throws Exception {
        send(WINDOW_UPDATE, SYN, 1, 0);
        byte[] start = "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.UTF_8);
        send(DATA, 0, 1, WINDOW + 1);
        mallory.write(start, 0, start.length);
        byte[] rest = new byte[WINDOW + 1 - start.length];
        mallory.write(rest, 0, rest.length);
        assertThat(await(WINDOW_UPDATE, RST).stream).isEqualTo(1);
        assertStillConnected();
    }

    @Test
    void aDataFrameThatNoWindowEverAllowedEndsTheConnection() throws Exception {
        send(DATA, SYN, 1, (16 << 20) + 1);
        await(GO_AWAY, 0);
        assertThrownOut("data frame of");
    }

    @Test
    void aPingFloodEndsTheConnection() throws Exception {
        byte[] pings = new byte[12 * 100];
        for (int i = 0; i < 100; i++) {
            System.arraycopy(frame(PING, SYN, 0, i), 0, pings, 12 * i, 12);
        }
        try {
            for (int i = 0; i < 100; i++) {
                mallory.write(pings, 0, pings.length);
            }
        } catch (IOException e) {
            // Thrown out in the middle of it.
        }
        assertThrownOut("too many frames that bring nothing");
    }

    @Test
    void windowsThatOverflowAreAsGoodAsFullOnes() throws Exception {
        send(WINDOW_UPDATE, SYN, 1, -1);
        for (int i = 0; i < 100; i++) {
            send(WINDOW_UPDATE, 0, 1, -1);
        }
        byte[] proposal =
                "\u0013/multistream/1.0.0\n\u0010/ipfs/id/1.0.0\n".getBytes(StandardCharsets.UTF_8);
        send(DATA, 0, 1, proposal.length);
        mallory.write(proposal, 0, proposal.length);
        Frame answer = await(DATA, 0);
        while (answer.stream != 1) {
            answer = await(DATA, 0);
        }
        assertThat(answer.length).isPositive();
        assertStillConnected();
    }

    @Test
    void tenThousandStreamsThatBringNothingEndTheConnection() throws Exception {
        try {
            for (int i = 0; i < 10_000; i++) {
                send(WINDOW_UPDATE, SYN, 2 * i + 1, 0);
            }
        } catch (IOException e) {
            // Thrown out in the middle of it.
        }
        assertThrownOut("too many frames that bring nothing");
    }

    @Test
    void streamsThatAreResetAsSoonAsTheyAreOpenedLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 500; i++) {
            send(WINDOW_UPDATE, SYN, 2 * i + 1, 0);
            send(WINDOW_UPDATE, RST, 2 * i + 1, 0);
        }
        assertStillConnected();
        alice.assertServesOthers();
    }
}
