package org.tutti.libp2p.security.noise;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.internal.curve25519.X25519KeyPair;
import org.tutti.libp2p.security.ChannelException;
import org.tutti.libp2p.security.HandshakeException;
import org.tutti.libp2p.security.HandshakeException.Code;

import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// One side of the XX handshake (Noise sections 5.3 and 7.5): messages in, messages out, no I/O.
///
/// The two sides call `writeMessage` and `readMessage` in turn, the initiator writes first. After
/// the third message `isFinished` holds, and the two cipher states can be taken.
final class HandshakeState {
    /// The one protocol that libp2p uses (noise/README.md#noise-protocol-name).
    static final String PROTOCOL_NAME = "Noise_XX_25519_ChaChaPoly_SHA256";

    private static final int DH_LENGTH = X25519KeyPair.LENGTH;

    private enum Token {
        E,
        S,
        EE,
        ES,
        SE
    }

    private static final List<List<Token>> XX =
            List.of(
                    List.of(Token.E),
                    List.of(Token.E, Token.EE, Token.S, Token.ES),
                    List.of(Token.S, Token.SE));

    private final boolean initiator;
    private final SymmetricState symmetric = new SymmetricState(PROTOCOL_NAME);
    private final X25519KeyPair staticKey;
    private final Supplier<X25519KeyPair> ephemerals;
    private @Nullable X25519KeyPair ephemeral;
    private byte @Nullable [] remoteEphemeral;
    private byte @Nullable [] remoteStatic;
    private int messages;

    /// @param ephemerals asked once, for this handshake's own key
    HandshakeState(
            boolean initiator,
            byte[] prologue,
            X25519KeyPair staticKey,
            Supplier<X25519KeyPair> ephemerals) {
        this.initiator = initiator;
        this.staticKey = staticKey;
        this.ephemerals = ephemerals;
        symmetric.mixHash(prologue, 0, prologue.length);
    }

    boolean isFinished() {
        return messages == XX.size();
    }

    /// The next message with this payload.
    byte[] writeMessage(byte[] payload) throws HandshakeException {
        byte[] message = new byte[2 * (DH_LENGTH + CipherState.TAG_LENGTH) + payload.length + 16];
        int length = 0;
        try {
            for (Token token : next(true)) {
                if (token == Token.E) {
                    ephemeral = ephemerals.get();
                    byte[] key = ephemeral.publicKey().toArray();
                    symmetric.mixHash(key, 0, DH_LENGTH);
                    System.arraycopy(key, 0, message, length, DH_LENGTH);
                    length += DH_LENGTH;
                } else if (token == Token.S) {
                    length +=
                            symmetric.encryptAndHash(
                                    staticKey.publicKey().toArray(), message, length);
                } else {
                    mixKey(token);
                }
            }
            length += symmetric.encryptAndHash(payload, message, length);
        } catch (ChannelException e) {
            throw new IllegalStateException(e);
        }
        return Arrays.copyOf(message, length);
    }

    /// Takes the remote's next message.
    ///
    /// @return its payload, authenticated by the keys so far: not at all in the first message
    byte[] readMessage(byte[] message, int offset, int length) throws HandshakeException {
        int at = offset;
        int end = offset + length;
        try {
            for (Token token : next(false)) {
                if (token == Token.E) {
                    remoteEphemeral = Arrays.copyOfRange(message, at, require(at, DH_LENGTH, end));
                    symmetric.mixHash(message, at, DH_LENGTH);
                    at += DH_LENGTH;
                } else if (token == Token.S) {
                    int sealed = symmetric.sealedLength(DH_LENGTH);
                    require(at, sealed, end);
                    remoteStatic = symmetric.decryptAndHash(message, at, sealed);
                    at += sealed;
                } else {
                    mixKey(token);
                }
            }
            require(at, symmetric.sealedLength(0), end);
            return symmetric.decryptAndHash(message, at, end - at);
        } catch (ChannelException e) {
            throw new HandshakeException(
                    Code.BAD_CIPHERTEXT, "handshake message " + messages + " does not decrypt");
        }
    }

    private int require(int at, int wanted, int end) throws HandshakeException {
        if (end - at < wanted) {
            throw new HandshakeException(
                    Code.BAD_LENGTH, "handshake message " + messages + " is too short");
        }
        return at + wanted;
    }

    private List<Token> next(boolean writing) {
        if (isFinished() || (messages % 2 == 0) == (initiator != writing)) {
            throw new IllegalStateException("not our turn in the handshake");
        }
        return XX.get(messages++);
    }

    private void mixKey(Token token) throws HandshakeException {
        // Noise section 7.1: "es" is DH(e, rs) for the initiator and DH(s, re) for the responder.
        boolean ownStatic = token == (initiator ? Token.SE : Token.ES);
        boolean theirStatic = token == (initiator ? Token.ES : Token.SE);
        X25519KeyPair own = ownStatic ? staticKey : ephemeral;
        byte[] theirs = theirStatic ? remoteStatic : remoteEphemeral;
        if (own == null || theirs == null) {
            throw new IllegalStateException("pattern out of order");
        }
        try {
            byte[] secret = own.agree(theirs);
            symmetric.mixKey(secret);
            CipherState.wipe(secret);
        } catch (InvalidKeyException e) {
            throw new HandshakeException(Code.BAD_DH_KEY, "the remote sent a key of small order");
        }
    }

    /// The remote's static key, 32 bytes, once its message has been read.
    byte[] remoteStatic() {
        if (remoteStatic == null) {
            throw new IllegalStateException("no static key yet");
        }
        return remoteStatic;
    }

    Bytes handshakeHash() {
        return symmetric.handshakeHash();
    }

    /// The keys of the finished handshake: ours to send with, ours to receive with. Only once.
    CipherPair split() {
        if (!isFinished()) {
            throw new IllegalStateException("handshake is not finished");
        }
        if (ephemeral != null) {
            ephemeral.wipe();
        }
        CipherState[] pair = symmetric.split();
        return initiator ? new CipherPair(pair[0], pair[1]) : new CipherPair(pair[1], pair[0]);
    }

    /// One key for each direction.
    record CipherPair(CipherState send, CipherState receive) {}
}
