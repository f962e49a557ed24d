package org.tutti.musig.schnorr;

import org.tutti.base.Bytes;

/// A BIP340 signature: 64 bytes, the x coordinate of R, then s. Any 64 bytes are one; whether it
/// holds is [Schnorr#verify]'s to say.
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
