package org.tutti.lightclient.wire;

/// Bits of the `services` field of `version` (Bitcoin Core `src/protocol.h`).
public final class Services {
    /// We offer nothing. btcd would start to sync from a peer that claims NETWORK.
    public static final long NONE = 0;

    /// Serves the whole chain.
    public static final long NETWORK = 1;

    /// Serves blocks and transactions with witnesses (BIP144).
    public static final long WITNESS = 1 << 3;

    /// What a peer must offer for us to fetch blocks from it.
    public static final long NEEDED = NETWORK | WITNESS;

    private Services() {}
}
