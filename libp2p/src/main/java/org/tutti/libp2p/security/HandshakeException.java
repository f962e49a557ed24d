package org.tutti.libp2p.security;

import java.io.IOException;

/// A security handshake failed; the connection is closed.
public final class HandshakeException extends IOException {
    /// What went wrong. The remote is the culprit in every case but `TIMEOUT` and `CLOSED`, where
    /// the network may be.
    public enum Code {
        /// The handshake did not end in the time given.
        TIMEOUT,
        /// The connection ended before the handshake did.
        CLOSED,
        /// A handshake message is shorter or longer than it may be.
        BAD_LENGTH,
        /// A message does not decrypt: altered on the way, or another protocol.
        BAD_CIPHERTEXT,
        /// A Diffie-Hellman key of small order.
        BAD_DH_KEY,
        /// The payload is not the protobuf that the spec describes.
        BAD_PAYLOAD,
        /// The identity key cannot be parsed or is of a type that we do not know.
        BAD_IDENTITY_KEY,
        /// The identity key did not sign the key of this handshake.
        BAD_SIGNATURE,
        /// The remote proved an identity, but not the one that was dialled.
        WRONG_PEER,
        /// Both sides sent stream muxers and have none in common.
        NO_COMMON_MUXER
    }

    private final Code code;

    /// @param detail a sentence for a person; holds no secrets
    public HandshakeException(Code code, String detail) {
        super(detail);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
