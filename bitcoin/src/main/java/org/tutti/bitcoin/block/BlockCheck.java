package org.tutti.bitcoin.block;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.codec.Sha256;
import org.tutti.bitcoin.hash.MerkleNode;
import org.tutti.bitcoin.hash.Wtxid;
import org.tutti.bitcoin.script.Script;
import org.tutti.bitcoin.tx.Transaction;
import org.tutti.bitcoin.tx.TxIn;
import org.tutti.bitcoin.units.Weight;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether a block's transactions are those that its header, and the header's proof of work, commit
/// to.
///
/// Proof of work, the link to the parent and the demanded bits are not looked at here: they need
/// the chain. [BlockRules][org.tutti.bitcoin.rules.BlockRules] has the rules that also take the
/// height.
public final class BlockCheck {
    /// BIP141: the output script of the commitment starts with OP_RETURN, a push of 36 bytes and
    /// this header.
    private static final Bytes COMMITMENT_PREFIX = Bytes.fromHex("6a24aa21a9ed");

    private static final int COMMITMENT_SCRIPT_LENGTH = 38;

    private BlockCheck() {}

    /// Why a block is refused.
    public enum Fault {
        /// No transactions at all.
        EMPTY,
        /// More than [Weight#MAX_BLOCK].
        TOO_HEAVY,
        /// The first transaction is not a coinbase.
        NO_COINBASE,
        /// A coinbase that is not the first transaction.
        SECOND_COINBASE,
        /// The transactions have another Merkle root than the header names.
        MERKLE_ROOT,
        /// The list repeats transactions without changing the root (CVE-2012-2459). The *header*
        /// may well be good: another peer can have the true list.
        MUTATED,
        /// The witnesses are not those that the coinbase commits to (BIP141).
        WITNESS_COMMITMENT,
        /// Witnesses although the coinbase commits to none.
        UNCOMMITTED_WITNESS,
        /// A transaction that no block may have: see
        /// [TransactionCheck][org.tutti.bitcoin.tx.TransactionCheck].
        BAD_TRANSACTION,
        /// More signature operations than a block may have.
        TOO_MANY_SIGNATURE_OPERATIONS,
        /// A transaction whose lock time is not reached.
        NOT_FINAL,
        /// The coinbase does not begin with the block's height (BIP34).
        COINBASE_HEIGHT,
        /// On a signet: the block is not signed by those whom the challenge names (BIP325).
        SIGNET_SOLUTION
    }

    /// The first fault, or nothing when all is well.
    ///
    /// @param segwitActive whether BIP141 applies at the block's height
    public static Optional<Fault> fault(Block block, boolean segwitActive) {
        List<Transaction> transactions = block.transactions();
        if (transactions.isEmpty()) {
            return Optional.of(Fault.EMPTY);
        }
        // The root comes before anything that looks into the transactions: until it fits, they
        // could be anything.
        MerkleTree.Root root = MerkleTree.rootOf(block.txids());
        if (!root.hash().equals(block.header().merkleRoot())) {
            return Optional.of(Fault.MERKLE_ROOT);
        }
        if (root.mutated()) {
            return Optional.of(Fault.MUTATED);
        }
        if (!transactions.getFirst().isCoinbase()) {
            return Optional.of(Fault.NO_COINBASE);
        }
        if (transactions.stream().skip(1).anyMatch(Transaction::isCoinbase)) {
            return Optional.of(Fault.SECOND_COINBASE);
        }
        return witnessFault(block, segwitActive)
                .or(() ->
                        block.weight().isMoreThan(Weight.MAX_BLOCK)
                                ? Optional.of(Fault.TOO_HEAVY)
                                : Optional.empty());
    }

    private static Optional<Fault> witnessFault(Block block, boolean segwitActive) {
        Transaction coinbase = block.transactions().getFirst();
        Optional<Bytes> commitment = segwitActive ? witnessCommitment(coinbase) : Optional.empty();
        if (commitment.isEmpty()) {
            boolean any = block.transactions().stream().anyMatch(Transaction::hasWitness);
            return any ? Optional.of(Fault.UNCOMMITTED_WITNESS) : Optional.empty();
        }
        // BIP141: "The commitment is recorded in a scriptPubKey of the coinbase transaction", and
        // "the coinbase's input's witness
        // must consist of a single 32-byte array for the witness reserved value".
        List<Bytes> reserved = coinbase.inputs().getFirst().witness();
        boolean fits =
                reserved.size() == 1
                        && reserved.getFirst().length() == 32
                        && commitment
                                .get()
                                .equals(commitment(block.transactions(), reserved.getFirst()));
        return fits ? Optional.empty() : Optional.of(Fault.WITNESS_COMMITMENT);
    }

    /// The 32 bytes that a coinbase commits to, from its last output of the right form (BIP141: "If
    /// there are more than one scriptPubKey matching the pattern, the one with highest output index
    /// is assumed to be the commitment").
    public static Optional<Bytes> witnessCommitment(Transaction coinbase) {
        int index = witnessCommitmentIndex(coinbase);
        return index < 0
                ? Optional.empty()
                : Optional.of(
                        coinbase.outputs()
                                .get(index)
                                .scriptPubKey()
                                .slice(COMMITMENT_PREFIX.length(), COMMITMENT_SCRIPT_LENGTH));
    }

    /// The output that commits to the witnesses, or -1.
    static int witnessCommitmentIndex(Transaction coinbase) {
        for (int i = coinbase.outputs().size() - 1; i >= 0; i--) {
            Script script = coinbase.outputs().get(i).scriptPubKey();
            if (script.length() >= COMMITMENT_SCRIPT_LENGTH
                    && script.startsWith(COMMITMENT_PREFIX)) {
                return i;
            }
        }
        return -1;
    }

    /// The commitment that a block with these transactions must carry: the double hash of the
    /// Merkle root over the wtxids, the coinbase's counted as zero, and the reserved value.
    ///
    /// @param reserved 32 bytes
    public static Bytes commitment(List<Transaction> transactions, Bytes reserved) {
        List<MerkleNode> leaves = new ArrayList<>(transactions.size());
        leaves.add(MerkleNode.leaf(Wtxid.ZERO));
        transactions.stream()
                .skip(1)
                .map(transaction -> MerkleNode.leaf(transaction.wtxid()))
                .forEach(leaves::add);
        MerkleNode root = MerkleTree.root(leaves).hash();
        return Bytes.wrap(Sha256.twice(root.toArray(), reserved.toArray()));
    }

    /// The coinbase output script for such a commitment.
    public static Script commitmentScript(Bytes commitment) {
        return Script.of(
                Bytes.concat(COMMITMENT_PREFIX, commitment.requireLength(32, "commitment")));
    }

    /// The witness of a coinbase input with the reserved value that everybody uses: 32 zero bytes.
    public static TxIn withReservedValue(TxIn coinbaseInput) {
        return coinbaseInput.withWitness(List.of(Bytes.wrap(new byte[32])));
    }
}
