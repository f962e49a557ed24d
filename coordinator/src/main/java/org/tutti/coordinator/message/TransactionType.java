package org.tutti.coordinator.message;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What kind of transaction a signer co-signs. Each has a gossip topic and a topic of the DHT.
public enum TransactionType {
    SPEND,
    SWAP,
    COINJOIN,
    CUSTODY,
    ESCROW,
    CHANNEL,
    /// Something else, which the advert names.
    CUSTOM;

    /// As it is written in topics and commands: lower case.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The type of a word.
    public static Optional<TransactionType> ofWord(String word) {
        return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
    }
}
