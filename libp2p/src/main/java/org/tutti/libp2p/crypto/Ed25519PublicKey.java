package org.tutti.libp2p.crypto;

import org.tutti.bytes.Bytes;
import org.tutti.libp2p.crypto.KeyFormatException.Code;

/// 32 bytes as RFC 8032 has them (peer-ids.md#ed25519).
final class Ed25519PublicKey extends EncodedPublicKey {
    static final int LENGTH = 32;

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
        return new Ed25519PublicKey(raw, Curve25519.engine().verifier(raw.toArray()));
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        return signature.length == 64 && verifier.verify(message, signature);
    }
}
