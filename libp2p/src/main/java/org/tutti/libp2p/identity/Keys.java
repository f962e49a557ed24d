package org.tutti.libp2p.identity;

import java.security.SecureRandom;

/// Makes and reads private keys.
public final class Keys {
    private Keys() {}

    /// A fresh key to sign with: ECDSA on P-256, RSA with a modulus of 3072 bits, which takes a
    /// second or more to find.
    public static PrivateKey generate(KeyType type, SecureRandom random) {
        return switch (type) {
            case ED25519 -> Ed25519PrivateKey.generate(random);
            case SECP256K1 -> Secp256k1PrivateKey.generate(random);
            case ECDSA -> EcdsaPrivateKey.generate(random);
            case RSA -> RsaPrivateKey.generate(random);
        };
    }

    /// Reads what [PrivateKey#toProtobuf] wrote, or another libp2p.
    ///
    /// @throws KeyFormatException unless the bytes are a `PrivateKey` message whose data is in DER
    ///   where the type says so, and whose numbers belong together
    public static PrivateKey privateFromProtobuf(byte[] protobuf) throws KeyFormatException {
        return KeyProtobuf.parsePrivate(protobuf);
    }
}
