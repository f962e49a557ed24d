package org.tutti.musig.ecdsa;

import org.tutti.musig.internal.secp256k1.LibSecp256k1;
import org.tutti.musig.internal.secp256k1.Scratch;

import java.util.Optional;

/// Whether an ECDSA signature is valid, as Bitcoin Core answers it (`CPubKey` in `pubkey.cpp`). Any
/// bytes may be asked about: none makes these methods throw.
public final class Ecdsa {
    private static final int COMPRESSED_BYTES = 33;
    private static final int UNCOMPRESSED_BYTES = 65;

    private Ecdsa() {}

    /// `CPubKey::IsValid`: whether the length is the one that the first byte announces; whether it
    /// is a point of the curve is not looked at.
    public static boolean hasKeyLength(byte[] publicKey) {
        if (publicKey.length == 0) {
            return false;
        }
        return switch (publicKey[0]) {
            case 2, 3 -> publicKey.length == COMPRESSED_BYTES;
            // 6 and 7, the "hybrid" encoding, say of an uncompressed key whether y is odd.
            case 4, 6, 7 -> publicKey.length == UNCOMPRESSED_BYTES;
            default -> false;
        };
    }

    /// `CPubKey::Verify`: s may be the higher or the lower one.
    ///
    /// @param publicKey compressed, uncompressed or hybrid
    /// @param hash 32 bytes
    /// @param signature DER, or what was taken for it before BIP66 ([LaxDer])
    public static boolean verify(byte[] publicKey, byte[] hash, byte[] signature) {
        Optional<byte[]> compact = LaxDer.parse(signature);
        if (compact.isEmpty() || !hasKeyLength(publicKey)) {
            return false;
        }
        Scratch s = Scratch.take();
        try {
            Scratch.put(s.message, publicKey);
            if (!LibSecp256k1.parsePublicKey(s.publicKey, s.message.asSlice(0, publicKey.length))
                    || !LibSecp256k1.parseEcdsaSignature(
                            s.ecdsaSignature, Scratch.put(s.bytes66, compact.get()))) {
                return false;
            }
            LibSecp256k1.normalizeEcdsaSignature(s.ecdsaSignature, s.ecdsaSignature);
            return LibSecp256k1.verifyEcdsa(
                    s.ecdsaSignature, Scratch.put(s.bytes32, hash), s.publicKey);
        } finally {
            s.giveBack();
        }
    }

    /// `CPubKey::CheckLowS`: whether s is the lower one of the two that are valid together. A
    /// number that is out of range counts as zero, hence as low; what cannot be read at all does
    /// not.
    public static boolean hasLowS(byte[] signature) {
        Optional<byte[]> compact = LaxDer.parse(signature);
        if (compact.isEmpty()) {
            return false;
        }
        Scratch s = Scratch.take();
        try {
            return !LibSecp256k1.parseEcdsaSignature(
                            s.ecdsaSignature, Scratch.put(s.bytes66, compact.get()))
                    || !LibSecp256k1.normalizeEcdsaSignature(s.ecdsaSignature, s.ecdsaSignature);
        } finally {
            s.giveBack();
        }
    }
}
