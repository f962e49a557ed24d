package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.musig.schnorr.TaggedHash;
import org.tutti.signing.request.RequestGroup;

/// A member's agreement to what the group is for beside its keys, such as its address, signed with
/// its signing key.
///
/// Signed is BIP340's tagged hash `tutti/terms` of: version 1 (1 byte) ‖ network (32) ‖ group id
/// (32) ‖ terms.
///
/// @param text opaque, at most [#MAX_BYTES]
/// @param signature 64 bytes
public record Terms(Bytes text, Bytes signature) {
    /// Most bytes of a text.
    public static final int MAX_BYTES = 256;

    private static final byte VERSION = 1;

    public Terms {
        requireShort(text);
        signature.requireLength(64, "signature of the terms");
    }

    /// @throws IllegalArgumentException if the text is too long
    public static void requireShort(Bytes text) {
        if (text.length() > MAX_BYTES) {
            throw new IllegalArgumentException("terms of " + text.length() + " bytes");
        }
    }

    /// Makes one with the signing key itself.
    ///
    /// @param aux 32 random bytes for BIP340
    public static Terms make(SecretKey key, RequestGroup group, Bytes text, byte[] aux) {
        requireShort(text);
        return new Terms(text, Schnorr.sign(key, message(group, text).toArray(), aux).bytes());
    }

    /// Whether this key signed it, for this group.
    public boolean isOf(RequestGroup group, PublicKey key) {
        return Schnorr.verify(
                key.xOnly(), message(group, text).toArray(), new SchnorrSignature(signature));
    }

    private static Bytes message(RequestGroup group, Bytes text) {
        return TaggedHash.of(
                "tutti/terms",
                new byte[] {VERSION},
                group.network().toArray(),
                group.id().toArray(),
                text.toArray());
    }
}
