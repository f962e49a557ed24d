package org.tutti.libp2p.security.noise;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.PublicKey;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.internal.curve25519.X25519KeyPair;
import org.tutti.libp2p.internal.time.DeadlineStream;
import org.tutti.libp2p.internal.time.Timeouts;
import org.tutti.libp2p.io.RawConnection;
import org.tutti.libp2p.security.ChannelException;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.HandshakeException.Code;
import org.tutti.libp2p.security.SecureConnection;
import org.tutti.libp2p.security.SecurityProtocol;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// `/noise`: the handshake over a connection, and who signed what in it.
///
/// Holds one static Noise key for the life of the host, never stored. Safe for all threads; the
/// handshake runs on the calling thread. Its deadline covers the whole handshake; after it the
/// connection's read timeout is zero.
public final class NoiseSecurity implements SecurityProtocol {
    /// How long a handshake may take unless the constructor says otherwise.
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    /// The most bytes of one handshake message: an 8192-bit RSA key and signature fit twice.
    static final int MAX_HANDSHAKE_MESSAGE = 8192;

    private static final byte[] NO_PROLOGUE = new byte[0];
    private static final byte[] NO_PAYLOAD = new byte[0];

    private final X25519KeyPair staticKey;
    private final byte[] payload;
    private final List<String> muxers;
    private final long timeoutNanos;
    private final Supplier<X25519KeyPair> keys;
    private final LongSupplier nanoClock;
    private final VerifiedIdentities verified = new VerifiedIdentities();

    /// With fresh keys, the default deadline and the system's clock.
    ///
    /// @param muxers the stream muxers we offer inside the handshake, best first; empty to leave it
    ///   to multistream-select
    public NoiseSecurity(PrivateKey identity, List<String> muxers) {
        this(identity, muxers, DEFAULT_TIMEOUT);
    }

    /// With fresh keys and the system's clock.
    ///
    /// @param muxers the stream muxers we offer inside the handshake, best first; empty to leave it
    ///   to multistream-select
    /// @param timeout for one whole handshake. Zero for none: then the caller has to close a
    ///   connection whose handshake takes too long, as a swarm does, which saves a timed wait for
    ///   each read
    public NoiseSecurity(PrivateKey identity, List<String> muxers, Duration timeout) {
        this(identity, muxers, timeout, Curve25519::generateX25519, System::nanoTime);
    }

    /// @param timeout for one whole handshake; zero for none
    /// @param keys makes the static key, now, and an ephemeral key for each handshake
    /// @param nanoClock monotonic, in nanoseconds
    NoiseSecurity(
            PrivateKey identity,
            List<String> muxers,
            Duration timeout,
            Supplier<X25519KeyPair> keys,
            LongSupplier nanoClock) {
        this.staticKey = keys.get();
        this.muxers = List.copyOf(muxers);
        // The key is the same for all handshakes, so its signature is too.
        this.payload =
                NoisePayload.sign(identity, staticKey.publicKey().toArray(), this.muxers).encode();
        this.timeoutNanos = Timeouts.nanos(timeout);
        this.keys = keys;
        this.nanoClock = nanoClock;
    }

    @Override
    public String protocolId() {
        return "/noise";
    }

    @Override
    public SecureConnection secureOutbound(RawConnection connection, PeerId expected)
            throws IOException {
        SecureConnection secured = secure(connection, true, expected);
        try {
            secured.flush();
        } catch (IOException e) {
            secured.close();
            throw e;
        }
        return secured;
    }

    @Override
    public SecureConnection secureOutboundLazily(RawConnection connection, PeerId expected)
            throws IOException {
        return secure(connection, true, expected);
    }

    @Override
    public SecureConnection secureInbound(RawConnection connection) throws IOException {
        return secure(connection, false, null);
    }

    private SecureConnection secure(
            RawConnection connection, boolean initiator, @Nullable PeerId expected)
            throws IOException {
        boolean done = false;
        try {
            SecureConnection secured = handshake(connection, initiator, expected);
            done = true;
            return secured;
        } catch (SocketTimeoutException e) {
            throw new HandshakeException(Code.TIMEOUT, "the handshake did not end in time");
        } catch (ChannelException e) {
            throw switch (e.code()) {
                case TRUNCATED ->
                        new HandshakeException(Code.CLOSED, "closed within a handshake message");
                case BAD_CIPHERTEXT, BAD_LENGTH, FLOOD, NO_MEMORY, NONCES_EXHAUSTED ->
                        new HandshakeException(Code.BAD_LENGTH, String.valueOf(e.getMessage()));
            };
        } finally {
            if (!done) {
                connection.close();
            }
        }
    }

    private SecureConnection handshake(
            RawConnection connection, boolean initiator, @Nullable PeerId expected)
            throws IOException {
        DeadlineStream stream = new DeadlineStream(connection, nanoClock);
        stream.start(timeoutNanos);
        FrameReader frames = new FrameReader(stream);
        HandshakeState state = new HandshakeState(initiator, NO_PROLOGUE, staticKey, keys);
        NoisePayload remote;
        PublicKey remoteKey;
        byte[] unsent = NO_PAYLOAD;
        if (initiator) {
            send(connection, state.writeMessage(NO_PAYLOAD));
            remote = NoisePayload.decode(receive(frames, state));
            remoteKey = authenticate(remote, state, expected);
            unsent = frame(state.writeMessage(payload));
        } else {
            // "The initiator MUST NOT send extensions in their first message": there is no payload
            // at all.
            if (receive(frames, state).length != 0) {
                throw new HandshakeException(Code.BAD_LENGTH, "handshake message 1 has a payload");
            }
            send(connection, state.writeMessage(payload));
            remote = NoisePayload.decode(receive(frames, state));
            remoteKey = authenticate(remote, state, expected);
        }
        Optional<String> muxer;
        try {
            muxer = InlinedMuxerNegotiation.choose(muxers, remote.streamMuxers(), initiator);
        } catch (HandshakeException e) {
            // With our list in its hands the remote knows why as well.
            connection.write(unsent, 0, unsent.length);
            throw e;
        }
        stream.release();
        return new NoiseConnection(
                connection, remoteKey, muxer, stream, frames, state.split(), unsent);
    }

    private PublicKey authenticate(
            NoisePayload remote, HandshakeState state, @Nullable PeerId expected)
            throws HandshakeException {
        PublicKey key = verified.verify(remote, state.remoteStatic());
        if (expected != null && !expected.equals(key.peerId())) {
            throw new HandshakeException(
                    Code.WRONG_PEER, "dialled " + expected + " but reached " + key.peerId());
        }
        return key;
    }

    private static void send(RawConnection connection, byte[] message) throws IOException {
        byte[] frame = frame(message);
        connection.write(frame, 0, frame.length);
    }

    /// noise/README.md#wire-format: a length of two bytes, big-endian, before each message.
    private static byte[] frame(byte[] message) {
        byte[] frame = new byte[2 + message.length];
        frame[0] = (byte) (message.length >> 8);
        frame[1] = (byte) message.length;
        System.arraycopy(message, 0, frame, 2, message.length);
        return frame;
    }

    private static byte[] receive(FrameReader frames, HandshakeState state) throws IOException {
        byte[] message = frames.readHandshakeMessage(MAX_HANDSHAKE_MESSAGE);
        if (message == null) {
            throw new HandshakeException(Code.CLOSED, "closed during the handshake");
        }
        return state.readMessage(message, 0, message.length);
    }
}
