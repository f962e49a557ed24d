package org.tutti.lightclient.broadcast;

import org.tutti.bitcoin.block.MerkleProof;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TransactionCheck;

import java.util.Optional;

/// Why a transaction is not broadcast. What it shows by itself and our tip is looked at before any
/// peer hears of it; scripts, fees and the outputs that it spends are the peers' work.
public enum BroadcastFault {
    /// No block may have it: see [TransactionCheck].
    INVALID,
    /// Only a miner makes one.
    COINBASE,
    /// Without witnesses it has the 64 bytes of an inner node of a Merkle tree: nothing could be
    /// proven of it, and nodes do not relay it.
    MERKLE_NODE_LENGTH,
    /// The block after our tip may not have it yet (BIP113).
    NOT_FINAL,
    /// As many as can be followed are followed, and all of them are new.
    TOO_MANY;

    /// The first fault that it shows by itself.
    public static Optional<BroadcastFault> of(Transaction transaction) {
        if (TransactionCheck.fault(transaction).isPresent()) {
            return Optional.of(INVALID);
        }
        if (transaction.isCoinbase()) {
            return Optional.of(COINBASE);
        }
        int length = transaction.serializeWithoutWitness().length();
        return length == MerkleProof.FORBIDDEN_LENGTH
                ? Optional.of(MERKLE_NODE_LENGTH)
                : Optional.empty();
    }

    /// The first fault, that of lock times included.
    ///
    /// @param height of the next block
    /// @param medianTime of our tip and the ten blocks under it, in seconds since 1970
    public static Optional<BroadcastFault> of(
            Transaction transaction, int height, long medianTime) {
        return of(transaction)
                .or(() ->
                        isFinal(transaction, height, medianTime)
                                ? Optional.empty()
                                : Optional.of(NOT_FINAL));
    }

    /// Bitcoin Core, `IsFinalTx`.
    private static boolean isFinal(Transaction transaction, int height, long medianTime) {
        return transaction.lockTime().isReached(height, medianTime)
                || transaction.inputs().stream().allMatch(input -> input.sequence().isFinal());
    }

    /// For people, one line.
    public String text(Transaction transaction) {
        return switch (this) {
            case INVALID ->
                    "no block may have it: "
                            + TransactionCheck.fault(transaction).map(Enum::name).orElse("?");
            case COINBASE -> "a coinbase, which only a miner makes";
            case MERKLE_NODE_LENGTH -> "64 bytes without witnesses, which nodes do not relay";
            case NOT_FINAL ->
                    "not final yet: its lock time is %s, %s"
                            .formatted(
                                    transaction.lockTime(),
                                    transaction.lockTime().isHeight()
                                            ? "a height that our tip has not reached"
                                            : "a time that the last eleven blocks' median has not"
                                                    + " reached");
            case TOO_MANY -> "as many transactions as can be followed are";
        };
    }
}
