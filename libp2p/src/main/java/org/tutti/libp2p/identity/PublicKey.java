package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;

/// A peer's public key (libp2p/specs peer-ids/peer-ids.md#keys). Immutable, equal by its encoding.
public sealed interface PublicKey permits EncodedPublicKey {
    KeyType type();

    /// The `Data` field: 32 bytes for Ed25519, 33 (compressed point) for secp256k1, PKIX DER
    /// otherwise.
    Bytes raw();

    /// The deterministic protobuf message that peer ids are made of.
    Bytes toProtobuf();

    /// Whether `signature` is this key's over `message`. False on any malformed signature; never
    /// throws.
    boolean verify(byte[] message, byte[] signature);

    PeerId peerId();

    /// @throws KeyFormatException unless the bytes are the deterministic encoding of a key that we
    ///   can verify with
    static PublicKey fromProtobuf(byte[] protobuf) throws KeyFormatException {
        return KeyProtobuf.parsePublic(protobuf);
    }

    /// The key of this type with this `Data` field.
    ///
    /// @throws KeyFormatException if it is not one
    static PublicKey of(KeyType type, Bytes raw) throws KeyFormatException {
        return switch (type) {
            case ED25519 -> Ed25519PublicKey.parse(raw);
            case SECP256K1 -> Secp256k1PublicKey.parse(raw);
            case RSA -> RsaPublicKey.parse(raw);
            case ECDSA -> EcdsaPublicKey.parse(raw);
        };
    }
}
