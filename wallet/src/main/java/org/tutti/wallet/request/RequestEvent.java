package org.tutti.wallet.request;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.coordinator.message.RequestId;
import org.tutti.wallet.spend.Confirmation;

import java.util.List;

/// What became of the transaction of a request.
public sealed interface RequestEvent {
    RequestId request();

    Txid txid();

    /// The script interpreter accepts every input of the signed transaction.
    record Checked(RequestId request, Transaction transaction) implements RequestEvent {
        @Override
        public Txid txid() {
            return transaction.txid();
        }
    }

    /// The script interpreter refuses it, or there are not the signatures that it needs. It is
    /// followed all the same: others may have what is right.
    record CheckFailed(RequestId request, Txid txid, String reason) implements RequestEvent {}

    /// The keys' signatures are right, and inputs of others are not signed in the PSBT: they
    /// complete and send it. It is followed.
    ///
    /// @param missing indices of these inputs
    record Incomplete(RequestId request, Txid txid, List<Integer> missing) implements RequestEvent {
        public Incomplete {
            missing = List.copyOf(missing);
        }
    }

    /// A Bitcoin peer asked for it, and got it.
    ///
    /// @param peer host and port
    record Broadcast(RequestId request, Txid txid, String peer) implements RequestEvent {}

    /// A Bitcoin peer has it that did not get it from this node.
    ///
    /// @param peers how many such there are by now
    record Seen(RequestId request, Txid txid, String peer, int peers) implements RequestEvent {}

    /// It was not taken, by a Bitcoin peer that said so or by the light client.
    record BroadcastRefused(RequestId request, Txid txid, String reason) implements RequestEvent {}

    /// It is in a block of the best chain, its Merkle branch checked. Told for each depth up to
    /// [SignedRequests#FINAL_DEPTH].
    ///
    /// @param depth 1 in the last block
    record Confirmed(RequestId request, Confirmation confirmation, int depth)
            implements RequestEvent {
        @Override
        public Txid txid() {
            return confirmation.txid();
        }
    }

    /// Its block left the chain.
    record Unconfirmed(RequestId request, Txid txid) implements RequestEvent {}

    /// A block spends one of its inputs otherwise.
    ///
    /// @param by what spends it
    record Conflicted(RequestId request, Txid txid, Txid by, int height) implements RequestEvent {}

    /// It is final, or can no longer be: the coordinator was told.
    ///
    /// @param confirmed whether it happened
    /// @param by what is in the block: it, or what spends one of its inputs otherwise
    record Settled(RequestId request, Txid txid, boolean confirmed, Txid by)
            implements RequestEvent {}
}
