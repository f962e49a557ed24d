package org.tutti.lightclient.broadcast;

import org.tutti.bitcoin.hash.Txid;

/// What became of a transaction that we hand to the network.
public sealed interface BroadcastResult {
    /// Which transaction.
    Txid txid();

    /// A peer took it, and answered a later ping without a complaint. That is as much as the
    /// protocol says: not that others have it, nor that it will be mined.
    ///
    /// @param peer host and port
    record Accepted(Txid txid, String peer) implements BroadcastResult {}

    /// A peer refused it, and said why (BIP61).
    ///
    /// @param peer host and port
    /// @param code see [RejectCode][org.tutti.lightclient.wire.RejectCode]
    /// @param reason the peer's own words, printable ASCII
    record Refused(Txid txid, String peer, int code, String reason) implements BroadcastResult {}

    /// It is in a block that we checked.
    record Mined(Txid txid, int height) implements BroadcastResult {}

    /// Announced so often without being mined that we no longer announce it.
    record GivenUp(Txid txid) implements BroadcastResult {}
}
