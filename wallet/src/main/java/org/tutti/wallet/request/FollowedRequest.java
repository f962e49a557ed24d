package org.tutti.wallet.request;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.coordinator.message.RequestId;
import org.tutti.wallet.spend.Confirmation;

import java.util.Optional;

/// The transaction of a request, as far as this node knows.
///
/// @param seenBy how many Bitcoin peers have it that did not get it from this node
/// @param confirmation while it is in a block of the best chain
/// @param conflict what spends one of its inputs otherwise in a block of the best chain
public record FollowedRequest(
        RequestId request,
        Txid txid,
        State state,
        int seenBy,
        Optional<Confirmation> confirmation,
        Optional<Txid> conflict) {
    /// How far this node is with it; the chain may know better.
    public enum State {
        /// Its signatures are not here.
        NOT_SIGNED,
        /// They are here, and are being checked.
        SIGNED,
        /// They are right.
        CHECKED,
        /// A Bitcoin peer has it.
        SENT,
        /// Others complete and send it.
        INCOMPLETE,
        /// The interpreter refuses it.
        FAILED
    }
}
