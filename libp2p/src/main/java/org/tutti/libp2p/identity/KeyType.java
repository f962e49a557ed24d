package org.tutti.libp2p.identity;

import java.util.Arrays;
import java.util.Optional;

/// The kinds of identity key (libp2p/specs peer-ids/peer-ids.md#keys).
public enum KeyType {
    RSA(0),
    ED25519(1),
    SECP256K1(2),
    ECDSA(3);

    private final int number;

    KeyType(int number) {
        this.number = number;
    }

    /// The number in the key messages.
    public int number() {
        return number;
    }

    static Optional<KeyType> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }
}
