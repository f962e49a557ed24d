package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;

/// What all public keys share: their bytes, the message around them, and the id made of that.
abstract sealed class EncodedPublicKey implements PublicKey
        permits Ed25519PublicKey, Secp256k1PublicKey, RsaPublicKey, EcdsaPublicKey {
    private final KeyType type;
    private final Bytes raw;
    private final Bytes protobuf;
    private final PeerId peerId;

    EncodedPublicKey(KeyType type, Bytes raw) {
        this.type = type;
        this.raw = raw;
        this.protobuf = Bytes.wrap(KeyProtobuf.encode(type, raw.toArray()));
        this.peerId = PeerId.ofEncodedKey(protobuf);
    }

    @Override
    public final KeyType type() {
        return type;
    }

    @Override
    public final Bytes raw() {
        return raw;
    }

    @Override
    public final Bytes toProtobuf() {
        return protobuf;
    }

    @Override
    public final PeerId peerId() {
        return peerId;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof EncodedPublicKey key && protobuf.equals(key.protobuf);
    }

    @Override
    public final int hashCode() {
        return protobuf.hashCode();
    }

    @Override
    public final String toString() {
        return type + " " + peerId;
    }
}
