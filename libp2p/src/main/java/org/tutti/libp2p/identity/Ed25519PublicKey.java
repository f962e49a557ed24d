package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;
import org.tutti.libp2p.internal.curve25519.Curve25519;
import org.tutti.libp2p.internal.curve25519.CurveEngine;

import java.security.InvalidKeyException;
import java.util.Set;

/// 32 bytes as RFC 8032 has them (peer-ids.md#ed25519).
final class Ed25519PublicKey extends EncodedPublicKey {
    static final int LENGTH = 32;

    /// The y coordinates, little-endian, of the eight points whose order divides the cofactor, in
    /// every encoding that libraries take: 0, 1, p - 1, p, p + 1, and the two of order eight.
    /// Signatures under them can be made without a private key, so that the id of such a key would
    /// be everybody's.
    private static final Set<Bytes> SMALL_ORDER =
            Set.of(
                    Bytes.fromHex("00".repeat(32)),
                    Bytes.fromHex("01" + "00".repeat(31)),
                    Bytes.fromHex("ec" + "ff".repeat(30) + "7f"),
                    Bytes.fromHex("ed" + "ff".repeat(30) + "7f"),
                    Bytes.fromHex("ee" + "ff".repeat(30) + "7f"),
                    Bytes.fromHex(
                            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
                    Bytes.fromHex(
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

    private final CurveEngine.Verifier verifier;

    private Ed25519PublicKey(Bytes raw, CurveEngine.Verifier verifier) {
        super(KeyType.ED25519, raw);
        this.verifier = verifier;
    }

    static Ed25519PublicKey parse(Bytes raw) throws KeyFormatException {
        if (raw.length() != LENGTH) {
            throw new KeyFormatException(
                    Code.SIZE, "Ed25519 public key of " + raw.length() + " bytes, not " + LENGTH);
        }
        if (SMALL_ORDER.contains(withoutSign(raw))) {
            throw new KeyFormatException(
                    Code.INVALID, "Ed25519 public key of small order: anyone could sign for it");
        }
        try {
            return new Ed25519PublicKey(raw, Curve25519.engine().verifier(raw.toArray()));
        } catch (InvalidKeyException e) {
            throw new KeyFormatException(Code.INVALID, "not an Ed25519 key");
        }
    }

    /// The y coordinate alone: the top bit is the sign of x.
    private static Bytes withoutSign(Bytes raw) {
        byte[] y = raw.toArray();
        y[LENGTH - 1] &= 0x7f;
        return Bytes.wrap(y);
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        return signature.length == 64 && verifier.verify(message, signature);
    }
}
