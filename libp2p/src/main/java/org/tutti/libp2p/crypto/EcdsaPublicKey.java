package org.tutti.libp2p.crypto;

import org.tutti.bytes.Bytes;
import org.tutti.libp2p.crypto.KeyFormatException.Code;

import java.security.interfaces.ECPublicKey;

/// A PKIX key on P-256, P-384 or P-521; ECDSA over SHA-256 with DER signatures (peer-ids.md#ecdsa).
final class EcdsaPublicKey extends EncodedPublicKey {
    private final ECPublicKey key;

    private EcdsaPublicKey(Bytes raw, ECPublicKey key) {
        super(KeyType.ECDSA, raw);
        this.key = key;
    }

    static EcdsaPublicKey parse(Bytes raw) throws KeyFormatException {
        // The JDK knows these three curves only, and checks that the point is on its curve.
        if (!(Pkix.parse("EC", raw) instanceof ECPublicKey key)) {
            throw new KeyFormatException(Code.INVALID, "not an elliptic curve key");
        }
        return new EcdsaPublicKey(raw, key);
    }

    @Override
    public boolean verify(byte[] message, byte[] signature) {
        // The JDK also takes encodings that are not DER: a missing leading zero, for one.
        return DerSignature.parse(signature, key.getParams().getOrder()).isPresent()
                && Pkix.verify("SHA256withECDSA", key, message, signature);
    }
}
