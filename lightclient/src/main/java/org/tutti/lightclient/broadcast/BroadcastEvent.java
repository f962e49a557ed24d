package org.tutti.lightclient.broadcast;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.lightclient.internal.broadcast.TransactionBroadcaster;

/// What became known of a transaction that we hand to the network. Nothing here means that it will
/// be mined; that nobody refused it means nothing at all.
public sealed interface BroadcastEvent {
    /// Which transaction.
    Txid txid();

    /// It was not taken on, and no peer has heard of it.
    ///
    /// @param fault why
    /// @param detail for people, one line
    record NotTaken(Txid txid, BroadcastFault fault, String detail) implements BroadcastEvent {}

    /// A peer was told that we have it.
    ///
    /// @param peer host and port
    record Announced(Txid txid, String peer, Reach reach) implements BroadcastEvent {}

    /// A peer is not told for now, to see whether it hears of it from others.
    record HeldBack(Txid txid, String peer) implements BroadcastEvent {}

    /// A peer wants a higher fee rate than its (BIP133), so it is not announced to it.
    ///
    /// @param satPerKvb what the peer wants at least, in satoshi per 1,000 virtual bytes
    record BelowFeeFilter(Txid txid, String peer, long satPerKvb) implements BroadcastEvent {}

    /// A peer asked for it, and it was sent to it. Whether it keeps it, it does not say.
    record Requested(Txid txid, String peer, Reach reach) implements BroadcastEvent {}

    /// A peer that got it from us serves it back: it is in its memory pool.
    record Accepted(Txid txid, String peer, Reach reach) implements BroadcastEvent {}

    /// A peer that did not get it from us has it.
    record Seen(Txid txid, String peer, Reach reach) implements BroadcastEvent {}

    /// A peer that got it from us says that it does not have it: it dropped it, and does not say
    /// why.
    record Dropped(Txid txid, String peer) implements BroadcastEvent {}

    /// A peer refused it, and said why (BIP61).
    ///
    /// @param code see [RejectCode][org.tutti.lightclient.wire.RejectCode]
    /// @param reason the peer's own words, printable ASCII
    record Refused(Txid txid, String peer, int code, String reason) implements BroadcastEvent {}

    /// No peer has asked for it in [TransactionBroadcaster#ASK_DEADLINE], and none is known to have
    /// it. It will be announced again.
    ///
    /// @param rounds how often it has been announced so far
    record Unseen(Txid txid, int rounds, Reach reach) implements BroadcastEvent {}

    /// It is in a block that we checked. It is announced no longer.
    record Confirmed(Txid txid, int height) implements BroadcastEvent {}

    /// A block that we checked spends one of its inputs otherwise: it cannot be mined there, and is
    /// announced no longer.
    ///
    /// @param spent the output that both spend
    /// @param by what spends it
    record Conflicted(Txid txid, OutPoint spent, Txid by, int height) implements BroadcastEvent {}

    /// The block that had it, or that spent one of its inputs otherwise, left the chain: it is
    /// announced again.
    record Reopened(Txid txid, int height) implements BroadcastEvent {}

    /// It is no longer followed, in favour of a newer one that spends a coin of it and pays more,
    /// or because there are [TransactionBroadcaster#MAX_TRANSACTIONS].
    record Displaced(Txid txid) implements BroadcastEvent {}

    /// It waits in memory alone: it could not be saved, and a restart forgets it.
    ///
    /// @param reason for people, one line
    record NotSaved(Txid txid, String reason) implements BroadcastEvent {}
}
