package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;
import org.tutti.node.events.NodeEvent;

import java.util.Optional;

/// A node's event as a line of the demo's time line; the small ones (every tip, every nonce from
/// everyone) are left out, `--json` has them all.
final class TimelineText {
    private TimelineText() {}

    static Optional<String> of(NodeEvent event) {
        return Optional.ofNullable(text(event));
    }

    private static @Nullable String text(NodeEvent event) {
        return switch (event) {
            case NodeEvent.Started started -> "is up as " + started.peerId();
            case NodeEvent.AllMembersConnected _ -> "is connected to every other member";
            case NodeEvent.BitcoinPeerLost lost ->
                    "lost the Bitcoin peer %s (%s), tries again"
                            .formatted(lost.address(), lost.reason());
            case NodeEvent.UtxoChanged changed ->
                    changed.change() == NodeEvent.UtxoChange.LOST
                            ? "lost a coin: its block left the chain"
                            : null;
            case NodeEvent.RequestArrived arrived ->
                    "has the request, "
                            + (arrived.byRequester()
                                    ? "from its requester"
                                    : "from another signer who kept it");
            case NodeEvent.SessionReady _ -> "knows that all have joined";
            case NodeEvent.SessionAborted aborted ->
                    "a session ended, %s: %s".formatted(aborted.code(), aborted.reason());
            case NodeEvent.GroupProposed proposed ->
                    proposed.own()
                            ? "proposes a group of " + proposed.members()
                            : "is asked to become one of the %d members of a group"
                                    .formatted(proposed.members());
            case NodeEvent.GroupFormed _ -> "holds the signatures of all members: a group is there";
            case NodeEvent.Announced announced ->
                    "asks the group to sign the %d inputs of %s"
                            .formatted(announced.inputs(), announced.txid());
            case NodeEvent.RequestReceived _ ->
                    "has the request, rebuilds its sighashes from its own blocks";
            case NodeEvent.AttemptStarted _ -> "knows that everyone approved, makes its nonces";
            case NodeEvent.Signed _ -> "has everyone's partial signatures: signed";
            case NodeEvent.Checked _ -> "the script interpreter accepts every input";
            case NodeEvent.Broadcast broadcast ->
                    "sent the transaction to the Bitcoin peer %s, which asked for it"
                            .formatted(broadcast.peer());
            case NodeEvent.Confirmed confirmed ->
                    "confirmed in block %s, Merkle branch checked".formatted(confirmed.blockHash());
            case NodeEvent.Refused refused ->
                    "a signer refuses, %s: %s".formatted(refused.code(), refused.reason());
            case NodeEvent.Aborted aborted -> "%s: %s".formatted(aborted.code(), aborted.reason());
            case NodeEvent.AttemptFailed failed -> "attempt failed: " + failed.reason();
            case NodeEvent.Failed failed -> failed.message();
            default -> null;
        };
    }
}
