package org.tutti.coordinator.message;

/// How the keys of a request are ordered before they are aggregated (BIP327).
public enum KeyOrder {
    /// BIP327 KeySort: for whatever has an address.
    SORTED,
    /// As the request lists them: for raw messages alone.
    AS_GIVEN
}
