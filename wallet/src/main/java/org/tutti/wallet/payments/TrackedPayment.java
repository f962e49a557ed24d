package org.tutti.wallet.payments;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.hash.Txid;
import org.tutti.bitcoin.tx.OutPoint;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.signing.request.SessionId;
import org.tutti.wallet.spend.Confirmation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A payment of the group's, as far as this node knows it.
///
/// @param origin the session it is from; empty where it was found in a block without one
/// @param transaction with its signatures, if this node has them
/// @param height of the block of the best chain that it is in, or that spends one of its coins
///   otherwise
/// @param confirmation while it is in a block that this node saw
/// @param conflict what spends one of its coins otherwise
/// @param since when it came into this state, as far as this process saw it; after a restart, of
///   the restart
/// @param seenBy how many Bitcoin peers have it that did not get it from this node
/// @param settled whether its coins are free again: nothing will change any more
public record TrackedPayment(
        Txid txid,
        PaymentState state,
        Optional<Origin> origin,
        Optional<Transaction> transaction,
        OptionalInt height,
        Optional<Confirmation> confirmation,
        Optional<Txid> conflict,
        Instant since,
        int seenBy,
        boolean settled) {

    /// The session that a payment is from.
    ///
    /// @param created when it was asked for, by the requester's clock
    /// @param key the requester's idempotency key
    /// @param content what the payment does ([org.tutti.wallet.policy.PaymentHold#content])
    /// @param unsigned the transaction
    /// @param rung of the session's fee ladder, from 1; 1 where there is none
    /// @param rungs how many rungs it has; 1 where there is none
    public record Origin(
            SessionId session,
            Bytes requester,
            Instant created,
            Bytes key,
            Bytes content,
            Transaction unsigned,
            int rung,
            int rungs) {
        /// Of a session that signs one transaction.
        Origin(
                SessionId session,
                Bytes requester,
                Instant created,
                Bytes key,
                Bytes content,
                Transaction unsigned) {
            this(session, requester, created, key, content, unsigned, 1, 1);
        }

        /// Its name among those that a node knows.
        Bytes id() {
            return idOf(session, rung);
        }

        static Bytes idOf(SessionId session, int rung) {
            return rung == 1
                    ? session.bytes()
                    : Bytes.concat(session.bytes(), Bytes.wrap(new byte[] {(byte) rung}));
        }

        /// Whether both are the same payment, of which at most one version can be mined.
        boolean isVersionOf(Origin other) {
            return session.equals(other.session)
                    || (!key.isEmpty()
                            && requester.equals(other.requester)
                            && key.equals(other.key));
        }

        /// The coins that it spends.
        public List<OutPoint> coins() {
            return unsigned.inputs().stream().map(TxIn::outPoint).toList();
        }
    }

    /// How deep the block is that it is in, or that spends a coin of it otherwise: 1 for the last
    /// block, 0 for none.
    public int depth(int tipHeight) {
        return height.isPresent() ? Math.max(0, tipHeight - height.getAsInt() + 1) : 0;
    }
}
