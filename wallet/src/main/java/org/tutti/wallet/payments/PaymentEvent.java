package org.tutti.wallet.payments;

import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.spend.Confirmation;
import org.tutti.wallet.spend.UnsignedPayment;

import java.time.Instant;
import java.util.List;

/// What became of a payment of the group's.
public sealed interface PaymentEvent {
    /// The transaction that it is about.
    Txid txid();

    /// All signatures are here, and this node's chain has the coins that they spend.
    ///
    /// @param at when the last signature came
    /// @param payment with the coins as this node's chain has them
    /// @param signatures one for each input in the same order
    /// @param transaction with the signatures, not yet checked
    record Signed(
            Instant at,
            SessionId session,
            UnsignedPayment payment,
            List<SchnorrSignature> signatures,
            Transaction transaction)
            implements PaymentEvent {
        public Signed {
            signatures = List.copyOf(signatures);
        }

        @Override
        public Txid txid() {
            return transaction.txid();
        }
    }

    /// The script interpreter accepts every input of the signed transaction.
    record Checked(SessionId session, Transaction transaction) implements PaymentEvent {
        @Override
        public Txid txid() {
            return transaction.txid();
        }
    }

    /// The script interpreter refuses the signed transaction.
    record CheckFailed(SessionId session, Txid txid, String reason) implements PaymentEvent {}

    /// A Bitcoin peer asked for the transaction, and got it.
    ///
    /// @param peer host and port
    record Broadcast(Txid txid, String peer) implements PaymentEvent {}

    /// A Bitcoin peer that got it from this node serves it back: it keeps it.
    record BroadcastAccepted(Txid txid, String peer) implements PaymentEvent {}

    /// A Bitcoin peer has it that did not get it from this node.
    ///
    /// @param peers how many such there are by now
    record BroadcastSeen(Txid txid, String peer, int peers) implements PaymentEvent {}

    /// No Bitcoin peer has asked for it in time, and none is known to have it. It is announced
    /// again.
    ///
    /// @param announced how many peers were told of it
    record BroadcastUnseen(Txid txid, int announced) implements PaymentEvent {}

    /// A Bitcoin peer that got it from this node says that it does not have it.
    record BroadcastDropped(Txid txid, String peer) implements PaymentEvent {}

    /// The transaction was not taken, by a Bitcoin peer that said so or by the light client.
    record BroadcastRefused(Txid txid, String reason) implements PaymentEvent {}

    /// The transaction is in a block of the best chain, its Merkle branch checked.
    ///
    /// @param depth 1 in the last block
    record Confirmed(Confirmation confirmation, int depth) implements PaymentEvent {
        @Override
        public Txid txid() {
            return confirmation.txid();
        }
    }

    /// The block of a confirmed transaction left the chain.
    record Unconfirmed(Confirmation confirmation) implements PaymentEvent {
        @Override
        public Txid txid() {
            return confirmation.txid();
        }
    }
}
