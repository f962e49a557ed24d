package org.tutti.musig.schnorr;

import org.tutti.base.Bytes;

/// A BIP340 signature: 64 bytes, the x coordinate of R, then s. Any 64 bytes can be one;
/// [Schnorr#verify] decides whether it is valid.
///
/// @param bytes 64 bytes
public record SchnorrSignature(Bytes bytes) {
    /// Bytes of a signature.
    public static final int BYTES = 64;

    /// @throws IllegalArgumentException for another length
    public SchnorrSignature {
        bytes.requireLength(BYTES, "a Schnorr signature");
    }

    @Override
    public String toString() {
        return bytes.toHex();
    }
}
