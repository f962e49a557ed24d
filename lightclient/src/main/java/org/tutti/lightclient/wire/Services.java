package org.tutti.lightclient.wire;

/// Bits of the `services` field of `version` (Bitcoin Core `src/protocol.h`).
public final class Services {
    /// Serves the whole chain.
    public static final long NETWORK = 1;

    /// Serves at least the last 288 blocks (BIP159): with [#NETWORK] missing, a pruned node.
    public static final long NETWORK_LIMITED = 1 << 10;

    /// Serves blocks and transactions with witnesses (BIP144).
    public static final long WITNESS = 1 << 3;

    /// What a light client says of itself: it serves no chain, but reads and writes witnesses.
    /// Without WITNESS btcd reads our transactions in the form that has none, and drops them
    /// unread; with NETWORK it would sync from us.
    public static final long LIGHT_CLIENT = WITNESS;

    /// What a peer must offer for us to fetch blocks from it.
    public static final long NEEDED = NETWORK | WITNESS;

    private Services() {}
}
