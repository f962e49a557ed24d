package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.internal.curve25519.X25519KeyPair;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.io.RawListener;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.swarm.DialFailedException;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.SwarmEvent;
import org.tutti.libp2p.transport.tcp.TcpTransport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Lies in the handshake, told to a whole host over sockets.
@Timeout(60)
class HandshakeThroughHostTest {
    private static final Multiaddr ANY = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String HEADER = "\u0013/multistream/1.0.0\n";
    private static final String NOISE = "\u0007/noise\n";

    private final PrivateKey bob = key();
    private final PrivateKey mallory = key();
    private final Host alice = Host.builder().identity(key()).listen(ANY).build();
    private final BlockingQueue<HostEvent> seen = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        alice.close();
        assertThat(alice.runningThreads()).isZero();
    }

    private static PrivateKey key() {
        return Keys.generate(KeyType.ED25519, new SecureRandom());
    }

    @Test
    void whoDialsWithASignatureOverAnotherNoiseKeyStaysOutside() throws Exception {
        X25519KeyPair other = Curve25519.generateX25519();
        assertRefused(
                NoisePayload.sign(mallory, other.publicKey().toArray(), List.of()),
                Curve25519.generateX25519());
    }

    @Test
    void whoDialsAsSomebodyElseStaysOutside() throws Exception {
        X25519KeyPair key = Curve25519.generateX25519();
        NoisePayload signed = NoisePayload.sign(mallory, key.publicKey().toArray(), List.of());
        assertRefused(
                new NoisePayload(bob.publicKey().toProtobuf(), signed.signature(), List.of()), key);
    }

    @Test
    void whoDialsWithoutASignatureStaysOutside() throws Exception {
        assertRefused(
                new NoisePayload(bob.publicKey().toProtobuf(), Bytes.EMPTY, List.of()),
                Curve25519.generateX25519());
    }

    private void assertRefused(NoisePayload payload, X25519KeyPair noiseKey) throws Exception {
        var _ = alice.subscribe(seen::add);
        alice.start();
        try (RawConnection raw = new TcpTransport().dial(alice.addresses().getFirst(), SOON)) {
            raw.setReadTimeout(SOON);
            say(raw, HEADER + NOISE);
            hear(raw, HEADER + NOISE);
            HandshakeState state =
                    new HandshakeState(true, new byte[0], noiseKey, Curve25519::generateX25519);
            send(raw, state.writeMessage(new byte[0]));
            byte[] second = receive(raw);
            state.readMessage(second, 0, second.length);
            send(raw, state.writeMessage(payload.encode()));
            assertThat(raw.read(new byte[1], 0, 1)).isEqualTo(-1);
        }
        for (HostEvent event = next(); ; event = next()) {
            assertThat(event).isNotInstanceOf(SwarmEvent.ConnectionOpened.class);
            if (event instanceof SwarmEvent.InboundRefused refused) {
                assertThat(refused.code()).isEqualTo("HANDSHAKE_FAILED");
                assertThat(refused.detail()).contains("did not sign the key of this handshake");
                break;
            }
        }
        assertThat(alice.connectedPeers()).isEmpty();
        assertOthersAreWelcome();
    }

    @Test
    void aListenerWithASignatureOverAnotherNoiseKeyIsNotConnectedTo() throws Exception {
        alice.start();
        byte[] other = Curve25519.generateX25519().publicKey().toArray();
        byte[] payload = NoisePayload.sign(mallory, other, List.of()).encode();
        try (RawListener listener = new TcpTransport().listen(ANY)) {
            Thread answering = Thread.ofVirtual().start(() -> answer(listener, payload));
            Multiaddr address =
                    listener.addresses().getFirst().withPeerId(mallory.publicKey().peerId());
            assertThatThrownBy(() -> alice.connect(address))
                    .isInstanceOfSatisfying(
                            DialFailedException.class,
                            e ->
                                    assertThat(e.attempts().getFirst().cause())
                                            .isInstanceOf(HandshakeException.class)
                                            .extracting("code")
                                            .isEqualTo(HandshakeException.Code.BAD_SIGNATURE));
            answering.join();
        }
        assertThat(alice.connectedPeers()).isEmpty();
        assertOthersAreWelcome();
    }

    private static void answer(RawListener listener, byte[] payload) {
        try (RawConnection raw = listener.accept()) {
            hear(raw, HEADER + NOISE);
            say(raw, HEADER + NOISE);
            HandshakeState state =
                    new HandshakeState(
                            false,
                            new byte[0],
                            Curve25519.generateX25519(),
                            Curve25519::generateX25519);
            byte[] first = receive(raw);
            state.readMessage(first, 0, first.length);
            send(raw, state.writeMessage(payload));
            assertThat(raw.read(new byte[1], 0, 1)).isEqualTo(-1);
        } catch (IOException e) {
            // What alice makes of it is what counts.
        }
    }

    private void assertOthersAreWelcome() throws IOException {
        try (Host carol = Host.builder().identity(bob).build()) {
            carol.start();
            assertThat(carol.connect(alice.addresses().getFirst()).remotePeer())
                    .isEqualTo(alice.peerId());
            assertThat(carol.ping(alice.peerId())).isPositive();
        }
    }

    private HostEvent next() throws InterruptedException {
        HostEvent event = seen.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(event).as("an event").isNotNull();
        return event;
    }

    private static void say(ByteStream stream, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        stream.write(bytes, 0, bytes.length);
    }

    private static void hear(ByteStream stream, String text) throws IOException {
        byte[] bytes = new byte[text.length()];
        Frames.readFully(stream, bytes, 0, bytes.length);
        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo(text);
    }

    private static void send(ByteStream stream, byte[] message) throws IOException {
        stream.write(new byte[] {(byte) (message.length >> 8), (byte) message.length}, 0, 2);
        stream.write(message, 0, message.length);
    }

    private static byte[] receive(ByteStream stream) throws IOException {
        byte[] length = new byte[2];
        Frames.readFully(stream, length, 0, 2);
        byte[] message = new byte[(length[0] & 0xff) << 8 | (length[1] & 0xff)];
        Frames.readFully(stream, message, 0, message.length);
        return message;
    }
}
