package org.tutti.libp2p.identity;

import java.security.SecureRandom;

/// Makes and reads private keys.
public final class Keys {
    private Keys() {}

    /// A fresh key to sign with.
    ///
    /// @throws IllegalArgumentException for RSA and ECDSA, which we only verify
    public static PrivateKey generate(KeyType type, SecureRandom random) {
        return switch (type) {
            case ED25519 -> Ed25519PrivateKey.generate(random);
            case SECP256K1 -> Secp256k1PrivateKey.generate(random);
            case RSA, ECDSA ->
                    throw new IllegalArgumentException(
                            type + " keys are verified, not signed with");
        };
    }

    /// @throws KeyFormatException unless the bytes are the deterministic encoding of an Ed25519 or
    ///   secp256k1 key
    public static PrivateKey privateFromProtobuf(byte[] protobuf) throws KeyFormatException {
        return KeyProtobuf.parsePrivate(protobuf);
    }
}
