package org.tutti.libp2p.identity;

/// The key behind a peer id. `toString` shows the public half only.
public sealed interface PrivateKey
        permits Ed25519PrivateKey, Secp256k1PrivateKey, EcdsaPrivateKey, RsaPrivateKey {
    PublicKey publicKey();

    /// Signs the message itself (it is hashed as the key type says: peer-ids.md#key-types).
    byte[] sign(byte[] message);

    /// The deterministic `PrivateKey` message, for the key's file. Secret: wipe it after use.
    byte[] toProtobuf();
}
