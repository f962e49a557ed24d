package org.tutti.coordinator.advert;

import java.util.Locale;

/// How a signer was found.
public enum Via {
    /// It was known before it was looked for.
    CACHE,
    /// A connected peer told it over a stream.
    DIRECT,
    /// By gossip.
    GOSSIP,
    /// Through the DHT.
    DHT;

    /// As it is written for programs: lower case.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
