package org.tutti.libp2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.internal.curve25519.X25519KeyPair;
import org.tutti.libp2p.io.ForwardingConnection;
import org.tutti.libp2p.io.Frames;
import org.tutti.libp2p.io.Pipe;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.HandshakeException.Code;
import org.tutti.libp2p.security.SecureConnection;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(20)
class NoiseSecurityTest {
    private static final String YAMUX = "/yamux/1.0.0";
    private static final byte[] NOTHING = new byte[0];

    private final PrivateKey alice = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final PrivateKey bob = Keys.generate(KeyType.SECP256K1, new SecureRandom());
    private final PrivateKey mallory = Keys.generate(KeyType.ED25519, new SecureRandom());
    private final Pipe pipe = new Pipe(300_000);

    @Test
    void bothSidesLearnWhoTheOtherIsAndReadWhatItWrites() throws Exception {
        FutureTask<SecureConnection> listening =
                async(() -> security(bob, YAMUX).secureInbound(pipe.listener()));
        SecureConnection alices =
                security(alice, YAMUX).secureOutbound(pipe.dialer(), bob.publicKey().peerId());
        SecureConnection bobs = listening.get();
        assertThat(alices.remoteKey()).isEqualTo(bob.publicKey());
        assertThat(bobs.remotePeer()).isEqualTo(alice.publicKey().peerId());
        assertThat(alices.inlinedMuxer()).contains(YAMUX);
        assertThat(bobs.inlinedMuxer()).contains(YAMUX);
        // More than one frame, and read in pieces that do not fit the frames.
        byte[] sent = bytes(200_000);
        alices.write(sent, 0, sent.length);
        byte[] received = new byte[sent.length];
        int at = 0;
        for (int size = 1; at < received.length; size = size * 3 + 1) {
            at += bobs.read(received, at, Math.min(size, received.length - at));
        }
        assertThat(received).isEqualTo(sent);
        alices.close();
        assertThat(bobs.read(received, 0, 1)).isEqualTo(-1);
    }

    @Test
    void whatIsAppendedTravelsWithTheNextFlush() throws Exception {
        Pair pair = connect(List.of(), List.of());
        pair.alice.append(bytes(10), 0, 10);
        pair.alice.append(bytes(10), 0, 10);
        pair.alice.flush();
        assertThat(pair.bob.read(new byte[100], 0, 100)).isEqualTo(20);
    }

    @Test
    void theLastHandshakeMessageMayTravelWithTheFirstBytes() throws Exception {
        Counting wire = new Counting(pipe.dialer());
        FutureTask<SecureConnection> listening =
                async(() -> security(bob).secureInbound(pipe.listener()));
        SecureConnection alices =
                security(alice).secureOutboundLazily(wire, bob.publicKey().peerId());
        assertThat(wire.writes()).isEqualTo(1);
        alices.append(bytes(10), 0, 10);
        alices.flush();
        assertThat(wire.writes()).isEqualTo(2);
        byte[] received = new byte[10];
        Frames.readFully(listening.get(), received, 0, 10);
        assertThat(received).isEqualTo(bytes(10));
    }

    @Test
    void whoeverHasNothingToSayEndsTheHandshakeWithAFlush() throws Exception {
        FutureTask<SecureConnection> listening =
                async(() -> security(bob).secureInbound(pipe.listener()));
        SecureConnection alices =
                security(alice).secureOutboundLazily(pipe.dialer(), bob.publicKey().peerId());
        alices.flush();
        assertThat(listening.get().remoteKey()).isEqualTo(alice.publicKey());
    }

    @Test
    void theInitiatorsFirstMuxerWins() throws Exception {
        Pair pair = connect(List.of("/b", "/a"), List.of("/a", "/b"));
        assertThat(pair.alice.inlinedMuxer()).contains("/b");
        assertThat(pair.bob.inlinedMuxer()).contains("/b");
    }

    @Test
    void withoutMuxersOnOneSideTheyAreLeftToMultistream() throws Exception {
        Pair pair = connect(List.of(YAMUX), List.of());
        assertThat(pair.alice.inlinedMuxer()).isEmpty();
        assertThat(pair.bob.inlinedMuxer()).isEmpty();
    }

    @Test
    void muxersWithoutOverlapFailTheHandshake() {
        FutureTask<SecureConnection> listening =
                async(() -> security(bob, "/a").secureInbound(pipe.listener()));
        assertCode(
                () -> security(alice, "/b").secureOutbound(pipe.dialer(), bob.publicKey().peerId()),
                Code.NO_COMMON_MUXER);
        assertCode(unwrap(listening), Code.NO_COMMON_MUXER);
    }

    @Test
    void anotherPeerThanTheDialledOneIsRefused() {
        FutureTask<SecureConnection> listening =
                async(() -> security(mallory).secureInbound(pipe.listener()));
        assertCode(
                () -> security(alice).secureOutbound(pipe.dialer(), bob.publicKey().peerId()),
                Code.WRONG_PEER);
        assertCode(unwrap(listening), Code.CLOSED);
    }

    @Test
    void aSignatureOverAnotherNoiseKeyIsRefused() {
        byte[] otherKey = Curve25519.generateX25519().publicKey().toArray();
        byte[] payload = NoisePayload.sign(mallory, otherKey, List.of()).encode();
        assertCode(() -> dialAgainst(payload), Code.BAD_SIGNATURE);
    }

    @Test
    void anotherPeersIdentityKeyIsRefused() {
        X25519KeyPair key = Curve25519.generateX25519();
        NoisePayload signed = NoisePayload.sign(mallory, key.publicKey().toArray(), List.of());
        byte[] payload =
                new NoisePayload(bob.publicKey().toProtobuf(), signed.signature(), List.of())
                        .encode();
        assertCode(() -> dialAgainst(payload, key), Code.BAD_SIGNATURE);
    }

    @Test
    void payloadsThatAreNoneAreRefused() {
        assertCode(() -> dialAgainst(new byte[] {(byte) 0xff, 1, 2}), Code.BAD_PAYLOAD);
        assertCode(() -> dialAgainst(NOTHING), Code.BAD_IDENTITY_KEY);
        byte[] noKey = new NoisePayload(Bytes.fromHex("0801"), Bytes.EMPTY, List.of()).encode();
        assertCode(() -> dialAgainst(noKey), Code.BAD_IDENTITY_KEY);
        List<String> many = java.util.Collections.nCopies(NoisePayload.MAX_MUXERS + 1, "/a");
        byte[] flood = new NoisePayload(Bytes.EMPTY, Bytes.EMPTY, many).encode();
        assertCode(() -> dialAgainst(flood), Code.BAD_PAYLOAD);
    }

    @Test
    void aPayloadInTheFirstMessageIsRefused() throws Exception {
        HandshakeState initiator = state(true, Curve25519.generateX25519());
        send(pipe.dialer(), initiator.writeMessage(bytes(5)));
        assertCode(() -> security(bob).secureInbound(pipe.listener()), Code.BAD_LENGTH);
    }

    @Test
    void aFirstMessageThatIsTooShortIsRefused() throws Exception {
        send(pipe.dialer(), bytes(31));
        assertCode(() -> security(bob).secureInbound(pipe.listener()), Code.BAD_LENGTH);
    }

    @Test
    void aHandshakeMessageOverTheBoundIsRefusedBeforeItArrives() throws Exception {
        int length = NoiseSecurity.MAX_HANDSHAKE_MESSAGE + 1;
        pipe.dialer().write(new byte[] {(byte) (length >> 8), (byte) length}, 0, 2);
        assertCode(() -> security(bob).secureInbound(pipe.listener()), Code.BAD_LENGTH);
    }

    @Test
    void aKeyOfSmallOrderIsRefused() throws Exception {
        send(pipe.dialer(), new byte[32]);
        assertCode(() -> security(bob).secureInbound(pipe.listener()), Code.BAD_DH_KEY);
    }

    @Test
    void anAlteredMessageIsRefused() throws Exception {
        FutureTask<SecureConnection> listening =
                async(() -> security(bob).secureInbound(pipe.listener()));
        RawConnection wire = pipe.dialer();
        HandshakeState initiator = state(true, Curve25519.generateX25519());
        send(wire, initiator.writeMessage(NOTHING));
        byte[] second = receive(wire);
        initiator.readMessage(second, 0, second.length);
        byte[] third = initiator.writeMessage(bytes(100));
        third[third.length - 1] ^= 1;
        send(wire, third);
        assertCode(unwrap(listening), Code.BAD_CIPHERTEXT);
    }

    @Test
    void aSilentRemoteEndsByTheDeadline() {
        assertCode(
                () -> security(bob, Duration.ofMillis(30)).secureInbound(pipe.listener()),
                Code.TIMEOUT);
    }

    @Test
    void aRemoteThatDripsBytesEndsByTheSameDeadline() {
        // Each reading of the clock is a byte later; no single read ever waits.
        long[] now = {0};
        NoiseSecurity security =
                new NoiseSecurity(
                        bob,
                        List.of(),
                        Duration.ofSeconds(1),
                        Curve25519::generateX25519,
                        () -> now[0] += 200_000_000);
        RawConnection dripping = new Dripping(pipe.listener());
        assertCode(
                () -> {
                    send(pipe.dialer(), new byte[32]);
                    return security.secureInbound(dripping);
                },
                Code.TIMEOUT);
    }

    @Test
    void aRemoteThatGoesAwayIsReported() {
        pipe.dialer().close();
        assertCode(() -> security(bob).secureInbound(pipe.listener()), Code.CLOSED);
    }

    @Test
    void afterAFailureTheConnectionIsClosed() {
        assertCode(() -> dialAgainst(NOTHING), Code.BAD_IDENTITY_KEY);
        assertThatThrownBy(() -> pipe.dialer().write(bytes(1), 0, 1))
                .isInstanceOf(IOException.class);
    }

    /// Dials a responder whose payload is this.
    private SecureConnection dialAgainst(byte[] payload) throws Exception {
        return dialAgainst(payload, Curve25519.generateX25519());
    }

    private SecureConnection dialAgainst(byte[] payload, X25519KeyPair key) throws Exception {
        Pipe fresh = new Pipe(10_000);
        FutureTask<Boolean> responder =
                async(() -> {
                    HandshakeState state = state(false, key);
                    byte[] first = receive(fresh.listener());
                    state.readMessage(first, 0, first.length);
                    send(fresh.listener(), state.writeMessage(payload));
                    return true;
                });
        try {
            return security(alice).secureOutbound(fresh.dialer(), mallory.publicKey().peerId());
        } finally {
            responder.get();
            pipe.dialer().close();
        }
    }

    private record Pair(SecureConnection alice, SecureConnection bob) {}

    private Pair connect(List<String> alices, List<String> bobs) throws Exception {
        FutureTask<SecureConnection> listening =
                async(() -> new NoiseSecurity(bob, bobs).secureInbound(pipe.listener()));
        SecureConnection dialled =
                new NoiseSecurity(alice, alices)
                        .secureOutbound(pipe.dialer(), bob.publicKey().peerId());
        return new Pair(dialled, listening.get());
    }

    private static NoiseSecurity security(PrivateKey key, String... muxers) {
        return new NoiseSecurity(key, List.of(muxers));
    }

    private static NoiseSecurity security(PrivateKey key, Duration timeout) {
        return new NoiseSecurity(
                key, List.of(), timeout, Curve25519::generateX25519, System::nanoTime);
    }

    private static HandshakeState state(boolean initiator, X25519KeyPair key) {
        return new HandshakeState(initiator, NOTHING, key, Curve25519::generateX25519);
    }

    private static void send(RawConnection wire, byte[] message) throws IOException {
        wire.write(new byte[] {(byte) (message.length >> 8), (byte) message.length}, 0, 2);
        wire.write(message, 0, message.length);
    }

    private static byte[] receive(RawConnection wire) throws IOException {
        byte[] length = new byte[2];
        Frames.readFully(wire, length, 0, 2);
        byte[] message = new byte[(length[0] & 0xff) << 8 | (length[1] & 0xff)];
        Frames.readFully(wire, message, 0, message.length);
        return message;
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    private static <T> FutureTask<T> async(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static <T> Callable<T> unwrap(FutureTask<T> task) {
        return () -> {
            try {
                return task.get();
            } catch (ExecutionException e) {
                throw (Exception) e.getCause();
            }
        };
    }

    private static void assertCode(Callable<?> work, Code code) {
        assertThatThrownBy(work::call)
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    /// Gives one byte at a time.
    static final class Dripping extends ForwardingConnection {
        Dripping(RawConnection inner) {
            super(inner);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return super.read(target, offset, Math.min(1, length));
        }
    }

    /// Counts writes.
    private static final class Counting extends ForwardingConnection {
        private final AtomicInteger writes = new AtomicInteger();

        Counting(RawConnection inner) {
            super(inner);
        }

        int writes() {
            return writes.get();
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            writes.incrementAndGet();
            super.write(source, offset, length);
        }
    }
}
