package org.tutti.libp2p.security.noise;

import org.tutti.base.Bytes;
import org.tutti.libp2p.Vectors;
import org.tutti.libp2p.identity.KeyFormatException;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.internal.curve25519.X25519KeyPair;
import org.tutti.libp2p.io.ByteStream;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.multiaddr.Multiaddr;
import org.tutti.libp2p.security.ChannelException;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.SecureConnection;

import tools.jackson.databind.JsonNode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/// What strangers send in and after a handshake: only typed errors come out, the connection is
/// closed then, and nobody is let in whose key did not sign.
public final class NoiseFuzz {
    /// What can be tried.
    enum Target {
        /// What messages 2 and 3 carry, decrypted.
        PAYLOAD,
        /// What somebody who dials sends.
        INBOUND,
        /// What somebody who was dialled answers.
        OUTBOUND,
        /// Frames behind a handshake.
        FRAMES
    }

    private static final byte[] KEY = new byte[32];
    private static final List<String> MUXERS = List.of("/yamux/1.0.0");
    private static final PrivateKey IDENTITY = identity();

    private static Target target = Target.PAYLOAD;

    private NoiseFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    static void test(Target what, byte[] input) {
        switch (what) {
            case PAYLOAD -> payload(input);
            case INBOUND, OUTBOUND -> {
                var _ = isAccepted(what, input);
            }
            case FRAMES -> frames(input);
        }
    }

    private static void payload(byte[] input) {
        try {
            NoisePayload payload = NoisePayload.decode(input);
            require(payload.streamMuxers().size() <= NoisePayload.MAX_MUXERS, "too many muxers");
            require(
                    NoisePayload.decode(payload.encode()).equals(payload),
                    "another payload was written");
            var _ = InlinedMuxerNegotiation.choose(MUXERS, payload.streamMuxers(), false);
            payload.verify(staticKey(1).publicKey().toArray());
        } catch (HandshakeException _) {
            // Typed: that is the point.
        }
    }

    /// Whether a handshake with what the remote says ends well.
    static boolean isAccepted(Target what, byte[] input) {
        boolean dialer = what == Target.OUTBOUND;
        Remote remote = new Remote(input, dialer);
        NoiseSecurity security = security(dialer ? 3 : 1);
        try {
            SecureConnection secured =
                    dialer
                            ? security.secureOutbound(remote, IDENTITY.publicKey().peerId())
                            : security.secureInbound(remote);
            require(
                    secured.remoteKey().equals(IDENTITY.publicKey()),
                    "somebody whose key did not sign");
            return true;
        } catch (HandshakeException e) {
            require(remote.closed, "left open");
            return false;
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
    }

    private static void frames(byte[] input) {
        FrameReader reader = new FrameReader(new Remote(input, false));
        CipherState cipher = new CipherState(KEY);
        byte[] target = new byte[3_000];
        long plain = 0;
        try {
            for (int n = 0; n >= 0; n = reader.read(cipher, target, 0, target.length)) {
                plain += n;
            }
        } catch (ChannelException e) {
            try {
                reader.read(cipher, target, 0, 1);
                throw new IllegalStateException("a failure that is not final");
            } catch (IOException again) {
                require(again.equals(e), "another failure");
            }
        } catch (IOException e) {
            throw new IllegalStateException("untyped", e);
        }
        require(plain <= input.length, "more than came");
    }

    /// A handshake of two of ours, with the same keys each time: what either of them sends.
    private static byte[] transcript(boolean ofDialer) {
        // As `NoiseSecurity` does it: the static key first, then one for the handshake.
        HandshakeState alice =
                new HandshakeState(true, new byte[0], staticKey(3), () -> staticKey(4));
        HandshakeState bob =
                new HandshakeState(false, new byte[0], staticKey(1), () -> staticKey(2));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        try {
            byte[] first = alice.writeMessage(new byte[0]);
            bob.readMessage(first, 0, first.length);
            byte[] second = bob.writeMessage(payloadOf(1));
            alice.readMessage(second, 0, second.length);
            byte[] third = alice.writeMessage(payloadOf(3));
            for (byte[] message : ofDialer ? List.of(first, third) : List.of(second)) {
                sent.write(message.length >>> 8);
                sent.write(message.length);
                sent.writeBytes(message);
            }
            return sent.toByteArray();
        } catch (HandshakeException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] payloadOf(int key) {
        return NoisePayload.sign(IDENTITY, staticKey(key).publicKey().toArray(), MUXERS).encode();
    }

    static List<byte[]> seeds(Target what) {
        return switch (what) {
            case PAYLOAD -> List.of(payloadOf(1), payloadOf(2), new byte[0]);
            case INBOUND -> List.of(transcript(true));
            case OUTBOUND -> List.of(transcript(false));
            case FRAMES -> {
                Remote wire = new Remote(new byte[0], true);
                FrameWriter writer = new FrameWriter(wire, new CipherState(KEY));
                try {
                    for (int length : new int[] {1, 100, 4_000, 70_000}) {
                        writer.append(new byte[length], 0, length);
                        writer.flush();
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                byte[] all = wire.written.toByteArray();
                yield List.of(all, Arrays.copyOf(all, 200), new byte[] {0, 16});
            }
        };
    }

    private static NoiseSecurity security(int first) {
        Deque<X25519KeyPair> keys =
                new ArrayDeque<>(List.of(staticKey(first), staticKey(first + 1)));
        Supplier<X25519KeyPair> next = keys::remove;
        return new NoiseSecurity(IDENTITY, MUXERS, Duration.ofSeconds(10), next, () -> 0);
    }

    private static X25519KeyPair staticKey(int number) {
        byte[] secret = new byte[X25519KeyPair.LENGTH];
        Arrays.fill(secret, (byte) number);
        return X25519KeyPair.of(secret);
    }

    private static PrivateKey identity() {
        JsonNode go = Vectors.json("libp2p/signed_peer_record_go.json");
        try {
            return Keys.privateFromProtobuf(
                    Bytes.fromHex(go.get("private_key_protobuf_hex").asString()).toArray());
        } catch (KeyFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Somebody who says what it is given, whatever it is told, and then ends the connection.
    private static final class Remote implements RawConnection, ByteStream {
        private static final Multiaddr ADDRESS = Multiaddr.parse("/memory/1");

        final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private final byte[] input;
        private final boolean dialer;
        private int at;
        private boolean closed;

        Remote(byte[] input, boolean dialer) {
            this.input = input;
            this.dialer = dialer;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (at == input.length || closed) {
                return -1;
            }
            int count = Math.min(length, input.length - at);
            System.arraycopy(input, at, target, offset, count);
            at += count;
            return count;
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            written.write(source, offset, length);
        }

        @Override
        public void setReadTimeout(Duration timeout) {
            // It never waits.
        }

        @Override
        public Multiaddr localAddress() {
            return ADDRESS;
        }

        @Override
        public Multiaddr remoteAddress() {
            return ADDRESS;
        }

        @Override
        public boolean isDialer() {
            return dialer;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
